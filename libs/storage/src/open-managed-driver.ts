import { type CreateOptions, createStorageDriver } from './create-storage-driver.ts';
import { type ObserveAction, storageActions, storageOutcomes } from './instrumented-driver.ts';
import type { StorageDriver } from './storage-driver.ts';

/** What a service lends to what it opens (libs/service-kit, ServiceContext). */
export interface StorageHost {
  readonly lifecycle: { onClose(name: string, close: () => Promise<void>): void };
  readonly metrics: {
    storageObserver(labels: {
      readonly driver: string;
      readonly actions: readonly string[];
      readonly outcomes: readonly string[];
    }): ObserveAction;
  };
}

/**
 * The driver of a service: closed with it, its actions among the service's metrics.
 * @throws Error whose message names the driver and every parameter that is wrong
 */
export async function openManagedDriver(
  config: Readonly<Record<string, unknown>>,
  { lifecycle, metrics }: StorageHost,
  options: Omit<CreateOptions, 'observe'> = {},
): Promise<StorageDriver> {
  const [name = 'none'] = Object.keys(config);
  const labels = { driver: name, actions: storageActions, outcomes: storageOutcomes };
  const driver = await createStorageDriver(config, { ...options, observe: metrics.storageObserver(labels) });
  lifecycle.onClose('storage driver', () => driver.close());
  return driver;
}
