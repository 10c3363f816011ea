import { InstrumentedDriver, type StorageDriver } from '@longshore/storage';
import { createDriver } from '../index.ts';

/** Creates a driver the way the registry does. */
export async function openS3(parameters: unknown): Promise<StorageDriver> {
  return new InstrumentedDriver(await createDriver(parameters));
}
