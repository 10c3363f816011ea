import {
  InstrumentedDriver,
  type ObserveAction,
  StorageConfigurationError,
  type StorageDriver,
} from '@longshore/storage';
import { z } from 'zod';
import { blaming } from './name-the-path.ts';
import { FallbackDriver } from './fallback-driver.ts';
import { openDriver } from './open-driver.ts';
import { redirectSteps, type StorageMiddleware } from './redirects/storage-middleware.ts';

export interface CreateOptions {
  /** Called for every action of the driver. */
  readonly observe?: ObserveAction | undefined;
  /** Steps that change where clients are redirected, applied in order. */
  readonly middleware?: readonly StorageMiddleware[] | undefined;
  /** Another store, by the name of its driver. Objects missing from the driver's own store are read from there. */
  readonly fallback?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Creates the driver that the configuration names, with its parameters. Its code is loaded only now. A name that is not one of ours is a package, or
 * the path of a file (`./…`, `/…`), that exports `createDriver(parameters)`.
 * @throws StorageConfigurationError whose problems name the driver and every wrong parameter
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
  const driver = await blaming(`${section}.${name}`, () => openDriver(name, parameters));
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

/** Returns the directory within the store that contains the driver's objects. */
function rootOf(parameters: unknown): string {
  const { rootdirectory, prefix } = rootParameters.parse(parameters);
  return (rootdirectory ?? prefix ?? '').replaceAll(/^\/+|\/+$/g, '');
}

const rootParameters = z
  .looseObject({ rootdirectory: z.string().optional(), prefix: z.string().optional() })
  .catch({});
