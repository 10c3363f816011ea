export { createStorageDriver } from './create-storage-driver.ts';
export { openManagedDriver } from './open-managed-driver.ts';
export { inspectStore, type Finding } from './inspection/inspect-store.ts';
