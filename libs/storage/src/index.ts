export { StorageConfigurationError, type StorageProblem } from './storage-configuration-error.ts';
export { createStorageDriver } from './create-storage-driver.ts';
export {
  InstrumentedDriver,
  type ObserveAction,
  type StorageAction,
  type StorageOutcome,
} from './instrumented-driver.ts';
export { byteRange, type ByteRange } from './drivers/byte-range.ts';
export { checkByProbe, deleteAbandonedProbes } from './drivers/check-by-probe.ts';
export { makeDirectories } from './drivers/filesystem/make-directories.ts';
export { ChunkReader, type NextChunk } from './drivers/chunk-reader.ts';
export { isObjectKey, keyOfBlob, keyOfUpload, objectKey, type ObjectKey } from './object-key.ts';
export { openManagedDriver } from './open-managed-driver.ts';
export type { CreateDriver } from './load-driver.ts';
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
export { inspectStore, type Finding } from './inspection/inspect-store.ts';
export { isShortOfSpace, type StoreSpace } from './store-space.ts';
export type { StorageMiddleware } from './redirects/storage-middleware.ts';
export {
  isAbsent,
  isLostOrDamaged,
  StorageError,
  unlessAbsent,
  type StorageErrorDetails,
  type StorageErrorKind,
} from './storage-error.ts';
