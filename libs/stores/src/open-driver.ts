import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { storageApi, storageApiOf, type StorageDriver } from '@longshore/storage';
import { resolve as resolveModule } from 'import-meta-resolve';
import { catalogue, type DriverName, isDriverName } from './catalogue.ts';

/**
 * Opens a driver by its name: one of the catalogue, the path of a file (`./…`, `../…`, `/…`), or a package, which is resolved from the working
 * directory and then from this package. All are checked the same way. @throws Error that says what is wrong with the driver
 */
export async function openDriver(name: string, parameters: unknown): Promise<StorageDriver> {
  const module: unknown = await (isDriverName(name) ? loadOwn(name) : importDriver(name, locate(name)));
  if (!exportsFactory(module))
    throw new Error(`the storage driver "${name}" does not export a function createDriver`);
  const driver: unknown = await module.createDriver(parameters);
  assertDriver(driver, name);
  return driver;
}

/** @throws Error if the packages of the driver are not installed; its cause is Node's */
export async function loadOwn(name: DriverName): Promise<unknown> {
  try {
    return await catalogue[name].load();
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(`the packages of the storage driver "${name}" are not installed (npm install)`, {
      cause: error,
    });
  }
}

/** Returns the URL of the driver's module. The module exists. */
function locate(name: string): string {
  if (name.startsWith('.') || name.startsWith('/')) {
    const path = resolve(name);
    if (existsSync(path)) return pathToFileURL(path).href;
    throw missing(name, new Error(`${path} does not exist`));
  }
  try {
    return resolveModule(name, pathToFileURL(resolve('configuration')).href);
  } catch (error) {
    // A broken module must not be hidden by another one of the same name.
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw unloadable(name, error);
  }
  try {
    return resolveModule(name, import.meta.url);
  } catch (error) {
    throw codeOf(error) === 'ERR_MODULE_NOT_FOUND' ? missing(name, error) : unloadable(name, error);
  }
}

async function importDriver(name: string, url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (error) {
    throw unloadable(name, error);
  }
}

function missing(name: string, cause: unknown): Error {
  const about = `there is no storage driver "${name}": neither one of the registry's own, nor a package or file`;
  return new Error(`${about}: ${reasonOf(cause)}`, { cause });
}

function unloadable(name: string, cause: unknown): Error {
  return new Error(`the storage driver "${name}" cannot be loaded: ${reasonOf(cause)}`, { cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function exportsFactory(module: unknown): module is { createDriver: (parameters: unknown) => unknown } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'createDriver' in module &&
    typeof module.createDriver === 'function'
  );
}

/** Checks the API number. It promises that the driver extends a `StorageDriver` of some copy of this package. */
function assertDriver(driver: unknown, name: string): asserts driver is StorageDriver {
  const api = storageApiOf(driver);
  if (api === undefined)
    throw new Error(
      `createDriver of "${name}" returned no StorageDriver: it must extend the class of @longshore/storage`,
    );
  if (api !== storageApi)
    throw new Error(
      `the storage driver "${name}" speaks version ${JSON.stringify(api)} of the Storage API, this registry version ${storageApi}: ` +
        'install a release of the driver that was built for it',
    );
}
