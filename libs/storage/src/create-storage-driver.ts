import { z } from 'zod';
import { FallbackDriver } from './fallback-driver.ts';
import { InstrumentedDriver, type ObserveAction } from './instrumented-driver.ts';
import { loadDriver } from './load-driver.ts';
import { redirectSteps, type StorageMiddleware } from './redirects/storage-middleware.ts';
import { blaming, StorageConfigurationError } from './storage-configuration-error.ts';
import type { StorageDriver } from './storage-driver.ts';

export interface CreateOptions {
  /** Told of every action of the driver. */
  readonly observe?: ObserveAction | undefined;
  /** Changes where clients are redirected to, one after the other. */
  readonly middleware?: readonly StorageMiddleware[] | undefined;
  /** Another store, by the name of its driver: what the driver's own has not is read from there. */
  readonly fallback?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The driver that the configuration names, with its parameters; its code is loaded only now. A name that is not one of ours is a package, or
 * the path of a file (`./…`, `/…`), that exports `createDriver(parameters)`.
 * @throws StorageConfigurationError whose problems name the driver and every parameter that is wrong
 */
export async function createStorageDriver(
  config: Readonly<Record<string, unknown>>,
  { observe, middleware = [], fallback }: CreateOptions = {},
): Promise<StorageDriver> {
  const steps = await blaming('middleware.storage', () => redirectSteps(middleware));
  const { driver, parameters } = await createNamed(config, 'storage');
  const whole =
    fallback === undefined
      ? driver
      : new FallbackDriver(
          driver,
          new InstrumentedDriver((await createNamed(fallback, 'storage.fallback')).driver),
        );
  return new InstrumentedDriver(whole, observe, { steps, root: rootOf(parameters) });
}

async function createNamed(
  config: Readonly<Record<string, unknown>>,
  section: string,
): Promise<{ readonly driver: StorageDriver; readonly parameters: unknown }> {
  const { name, parameters } = onlyDriver(config, section);
  const driver = await blaming(`${section}.${name}`, () => create({ name, section }, parameters));
  return { driver, parameters };
}

function onlyDriver(
  config: Readonly<Record<string, unknown>>,
  section: string,
): { name: string; parameters: unknown } {
  const named = Object.entries(config);
  const [first] = named;
  if (first === undefined || named.length > 1) {
    const found = named.map(([name]) => name).join(', ') || 'none';
    throw new StorageConfigurationError([
      { path: section, message: `needs exactly one driver, not ${found}` },
    ]);
  }
  const [name, parameters] = first;
  return { name, parameters: parameters ?? {} };
}

/** The directory within the store that the driver keeps to. */
function rootOf(parameters: unknown): string {
  const { rootdirectory, prefix } = rootParameters.parse(parameters);
  return (rootdirectory ?? prefix ?? '').replaceAll(/^\/+|\/+$/g, '');
}

const rootParameters = z
  .looseObject({ rootdirectory: z.string().optional(), prefix: z.string().optional() })
  .catch({});

/** A driver by its name, and the section of the configuration that names it. */
interface Named {
  readonly name: string;
  readonly section: string;
}

async function create(named: Named, parameters: unknown): Promise<StorageDriver> {
  switch (named.name) {
    case 'filesystem': {
      const { FilesystemDriver } = await import('./drivers/filesystem/filesystem-driver.ts');
      const { filesystemParameters } = await import('./drivers/filesystem/filesystem-parameters.ts');
      return new FilesystemDriver(parsed(named, filesystemParameters, parameters));
    }
    case 'inmemory': {
      const { MemoryDriver } = await import('./drivers/memory/memory-driver.ts');
      parsed(named, z.strictObject({}), parameters);
      return new MemoryDriver();
    }
    case 's3': {
      const { createS3Driver } = await import('./drivers/s3/s3-driver.ts');
      const { s3Parameters } = await import('./drivers/s3/s3-parameters.ts');
      return createS3Driver(parsed(named, s3Parameters, parameters));
    }
    case 'oss': {
      const { createOssDriver } = await import('./drivers/oss/create-oss-driver.ts');
      const { ossParameters } = await import('./drivers/oss/oss-parameters.ts');
      return createOssDriver(parsed(named, ossParameters, parameters));
    }
    case 'azure': {
      const { AzureDriver } = await import('./drivers/azure/azure-driver.ts');
      const { azureParameters } = await import('./drivers/azure/azure-parameters.ts');
      return AzureDriver.open(parsed(named, azureParameters, parameters));
    }
    case 'swift': {
      const { SwiftDriver } = await import('./drivers/swift/swift-driver.ts');
      const { swiftParameters } = await import('./drivers/swift/swift-parameters.ts');
      return new SwiftDriver(parsed(named, swiftParameters, parameters));
    }
    default:
      return loadDriver(named.name, parameters);
  }
}

function parsed<T>({ name, section }: Named, schema: z.ZodType<T>, parameters: unknown): T {
  const { success, data, error } = schema.safeParse(parameters);
  if (success) return data;
  throw new StorageConfigurationError(
    error.issues.map(({ path, message }) => ({ path: [section, name, ...path].join('.'), message })),
  );
}
