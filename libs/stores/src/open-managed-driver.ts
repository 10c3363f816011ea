import { type CreateOptions, createStorageDriver } from './create-storage-driver.ts';
import { checkTimeout, type StoreWatchHost, watchStore } from './watch-store.ts';
import {
  type ObserveAction,
  storageActions,
  type StorageDriver,
  StorageError,
  storageOutcomes,
} from '@longshore/storage';

/** The parts of a service that the driver uses (libs/service-kit, ServiceContext). */
export interface StorageHost {
  readonly lifecycle: { onClose(name: string, close: () => Promise<void>): void };
  readonly config: {
    readonly health: {
      readonly storagedriver: {
        readonly enabled: boolean;
        readonly interval: number;
        readonly threshold: number;
      };
    };
  };
  readonly readiness: StoreWatchHost['readiness'];
  readonly metrics: StoreWatchHost['metrics'] & {
    storageObserver(labels: {
      readonly driver: string;
      readonly actions: readonly string[];
      readonly outcomes: readonly string[];
    }): ObserveAction;
  };
}

/**
 * Opens the driver of a service. It is closed with the service, its actions are counted in the service's metrics, and its check
 * (`health.storagedriver`) is part of readiness.
 * @throws Error whose message names the driver and every wrong parameter, or tells why the store refuses access
 */
export async function openManagedDriver(
  parameters: Readonly<Record<string, unknown>>,
  { lifecycle, metrics, readiness, config }: StorageHost,
  options: Omit<CreateOptions, 'observe'> = {},
): Promise<StorageDriver> {
  const [name = 'none'] = Object.keys(parameters);
  const labels = { driver: name, actions: storageActions, outcomes: storageOutcomes };
  const driver = await createStorageDriver(parameters, {
    ...options,
    observe: metrics.storageObserver(labels),
  });
  lifecycle.onClose('storage driver', () => driver.close());
  const { enabled, ...pace } = config.health.storagedriver;
  if (!enabled) return driver;
  await refuseRefusals(driver);
  watchStore(driver, { readiness, metrics }, pace);
  return driver;
}

/**
 * Fails if the store refuses access: wrong credentials or a missing bucket seldom repair themselves. Other failures do not end the start: an
 * unavailable store makes the service unready, and a store that is full or read-only still serves pulls.
 */
async function refuseRefusals(driver: StorageDriver): Promise<void> {
  try {
    await driver.check({ signal: AbortSignal.timeout(checkTimeout) });
  } catch (error) {
    if (error instanceof StorageError && (error.kind === 'denied' || error.kind === 'absent'))
      throw new Error('the store refuses us', { cause: error });
  }
}
