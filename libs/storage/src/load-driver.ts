import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StorageDriver } from './storage-driver.ts';

/** What the module of a driver exports. It validates its parameters itself and names each one that is wrong. */
export type CreateDriver = (parameters: unknown) => StorageDriver | Promise<StorageDriver>;

/** Loads a driver of somebody else's, by the name of a package or the path of a file. @throws Error that says what is wrong with it */
export async function loadDriver(name: string, parameters: unknown): Promise<StorageDriver> {
  const isPath = name.startsWith('.') || name.startsWith('/');
  const module: unknown = await importDriver(isPath ? pathToFileURL(resolve(name)).href : name, name);
  if (!exportsFactory(module))
    throw new Error(`the storage driver "${name}" does not export a function createDriver`);
  const driver = await module.createDriver(parameters);
  if (!(driver instanceof StorageDriver))
    throw new Error(
      `createDriver of "${name}" returned no StorageDriver of this version of @longshore/storage`,
    );
  return driver;
}

async function importDriver(specifier: string, name: string): Promise<unknown> {
  try {
    return await import(specifier);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const about = isMissing(cause, specifier)
      ? `there is no storage driver "${name}": neither filesystem nor inmemory, nor a package or file`
      : `the storage driver "${name}" cannot be loaded`;
    throw new Error(`${about}: ${reason}`, { cause });
  }
}

/** Whether the module itself is missing; one that is there may miss another. */
function isMissing(cause: unknown, specifier: string): boolean {
  if (!(cause instanceof Error) || !('code' in cause)) return false;
  const path = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
  return (
    cause.code === 'ERR_MODULE_NOT_FOUND' &&
    [path, specifier].some((text) => cause.message.includes(`'${text}'`))
  );
}

function exportsFactory(module: unknown): module is { createDriver: CreateDriver } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'createDriver' in module &&
    typeof module.createDriver === 'function'
  );
}
