import { storageMiddlewareOf } from './fragments/storage-middleware.ts';
import type { Configuration } from './schema.ts';

/** What `createStorageDriver` needs to know beside the driver. */
export function storageOptionsOf({ storage, middleware }: Configuration) {
  return { fallback: storage.fallback, middleware: storageMiddlewareOf(middleware?.storage) };
}
