export { type Meaning, meaningsOnTheWay } from './error-meaning.ts';
export { MultipartDriver } from './multipart/multipart-driver.ts';
export type {
  FoundObject,
  GetRange,
  MultipartStore,
  OpenedObject,
  OpenUpload,
  Page,
  StoredObject,
  UploadedPart,
} from './multipart/multipart-store.ts';
export { givePartMemory, sendPart } from './part-memory.ts';
export { type Part, PartSource } from './part-source.ts';
export { pause } from './pause.ts';
export { readResuming } from './read-resuming.ts';
export { type SignedPeriod, signedPeriod } from './signed-period.ts';
export { kindOfStatus, kindOfUnknown, retryAfterSeconds } from './status-kind.ts';
export { type StoreAgents, storeAgents } from './store-agent.ts';
export { type CallPolicy, type CallScope, StoreCalls, usualPolicy } from './store-calls.ts';
export { StoreKeys } from './store-keys.ts';
