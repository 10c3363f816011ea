import type { StorageDriver } from './storage-driver.ts';

/** What the module of a driver exports. It validates its parameters itself and names each one that is wrong. */
export type CreateDriver = (parameters: unknown) => StorageDriver | Promise<StorageDriver>;
