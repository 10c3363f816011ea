import { isDriverName } from './catalogue.ts';
import { loadOwn } from './open-driver.ts';
import { loadRedirects, type StorageMiddleware } from './redirects/storage-middleware.ts';

/**
 * Loads the code of drivers of the registry's own, and of middleware, without making any: a start that lacks their packages fails before it opens
 * anything. Drivers of others are loaded when they are made. @throws Error if packages are not installed; its cause is Node's
 */
export async function loadStorageCode(
  drivers: readonly string[],
  middleware: readonly StorageMiddleware[],
): Promise<void> {
  for (const name of drivers.filter(isDriverName)) await loadOwn(name);
  await loadRedirects(middleware);
}
