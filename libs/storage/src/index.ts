export * from './create-storage-driver.ts';
export * from './object-key.ts';
export * from './storage-driver.ts';
export * from './storage-error.ts';
