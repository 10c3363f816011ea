export { StorageConfigurationError, type StorageProblem } from './storage-configuration-error.ts';
export {
  InstrumentedDriver,
  type ObserveAction,
  type StorageAction,
  storageActions,
  type StorageOutcome,
  storageOutcomes,
} from './instrumented-driver.ts';
export { storageApi, storageApiOf } from './driver-api.ts';
export { byteRange, type ByteRange } from './for-drivers/byte-range.ts';
export { checkByProbe, deleteAbandonedProbes } from './for-drivers/check-by-probe.ts';
export { ChunkReader, type NextChunk } from './for-drivers/chunk-reader.ts';
export { forEachOf } from './for-drivers/for-each-of.ts';
export { LendingStream, type Loan } from './for-drivers/lending-stream.ts';
export { makeDirectories } from './drivers/filesystem/make-directories.ts';
export type { CreateDriver } from './create-driver.ts';
export { driverParameters } from './driver-parameters.ts';
export { isObjectKey, keyOfBlob, keyOfUpload, objectKey, type ObjectKey } from './object-key.ts';
export { below, type RedirectStep } from './redirect-step.ts';
export {
  StorageDriver,
  type Appended,
  type CallOptions,
  type DeleteFailure,
  type DeleteResult,
  type DriverCapabilities,
  type Leftover,
  type ListOptions,
  type ObjectStat,
  type ReadOptions,
  type RedirectOptions,
  type Upload,
} from './storage-driver.ts';
export { isLending, type LendingReadable } from './lending-readable.ts';
export { freeChunk, takesBack, type LendingSource } from './lending-source.ts';
export { isShortOfSpace, type StoreSpace } from './store-space.ts';
export {
  isAbsent,
  isLostOrDamaged,
  StorageError,
  unlessAbsent,
  type StorageErrorDetails,
  type StorageErrorKind,
} from './storage-error.ts';
