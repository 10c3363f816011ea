import { storageMiddlewareOf } from './fragments/storage-middleware.ts';
import { storageDriverOf } from './fragments/storage.ts';
import type { Configuration } from './schema.ts';

/** Returns the options of `createStorageDriver`, beside the driver. */
export function storageOptionsOf({ storage, middleware }: Configuration) {
  return {
    fallback: storage.fallback && storageDriverOf(storage.fallback),
    middleware: storageMiddlewareOf(middleware?.storage),
  };
}
