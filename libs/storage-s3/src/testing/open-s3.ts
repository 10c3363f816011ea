import { InstrumentedDriver, type StorageDriver } from '@longshore/storage';
import { createDriver } from '../index.ts';

/** A driver as the registry opens it. */
export async function openS3(parameters: unknown): Promise<StorageDriver> {
  return new InstrumentedDriver(await createDriver(parameters));
}
