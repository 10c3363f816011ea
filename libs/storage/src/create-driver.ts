import type { StorageDriver } from './storage-driver.ts';

/** The export of a driver's module. It validates its own parameters and names each one that is wrong. */
export type CreateDriver = (parameters: unknown) => StorageDriver | Promise<StorageDriver>;
