export { describeStorageDriver } from './storage-driver.contract.ts';
export { FaultyDriver, type DriverMethod, type Fault } from './faulty-driver.ts';
export type { DriverUnderTest } from './subject.ts';
export { MemoryDriver, type MemoryOptions } from '../drivers/memory/memory-driver.ts';
