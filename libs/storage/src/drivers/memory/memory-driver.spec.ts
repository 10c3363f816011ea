import { InstrumentedDriver } from '../../instrumented-driver.ts';
import { describeStorageDriver } from '../../testing/storage-driver.contract.ts';
import { MemoryDriver } from './memory-driver.ts';

for (const like of ['memory', 'file', 'object'] as const) {
  const factory = async () => {
    const driver = new InstrumentedDriver(new MemoryDriver({ like }));
    return { driver, other: driver, isMemory: true };
  };
  describeStorageDriver(`inmemory, like ${like}`, factory, { midwayFailure: 'impossible' });
}
