export { bytesOf, failingAfter, inChunks, longSource, sha256Of, silentAfter, someBytes } from './bytes.ts';
export { failureOf } from './failure-of.ts';
export { describeStorageDriver } from './storage-driver.contract.ts';
export { FaultyDriver, type DriverMethod, type Fault } from './faulty-driver.ts';
export { newKey } from './new-key.ts';
export type { DriverUnderTest } from './subject.ts';
export { MemoryDriver, type MemoryOptions } from '../drivers/memory/memory-driver.ts';
