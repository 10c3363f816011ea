import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstrumentedDriver } from '../../instrumented-driver.ts';
import { describeStorageDriver } from '../../testing/storage-driver.contract.ts';
import { FilesystemDriver } from './filesystem-driver.ts';

describeStorageDriver('filesystem', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'storage-'));
  // Two drivers on one directory know as little of each other as two processes do.
  const open = (): InstrumentedDriver =>
    new InstrumentedDriver(new FilesystemDriver({ rootdirectory: join(directory, 'not', 'yet') }));
  return { driver: open(), other: open(), dispose: () => rm(directory, { recursive: true }) };
});
