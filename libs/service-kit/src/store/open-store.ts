import { storageDriverOf, storageOptionsOf } from '@longshore/configuration';
import { storageActions, type StorageDriver, StorageError, storageOutcomes } from '@longshore/storage';
import { createStorageDriver } from '@longshore/stores';
import type { ServiceContext } from '../bootstrap/start-service.ts';
import { checkTimeout, type StoreWatchHost, watchStore } from './watch-store.ts';

/** The parts of a service that the store uses. */
export interface StoreHost extends StoreWatchHost {
  readonly config: ServiceContext['config'];
  readonly lifecycle: Pick<ServiceContext['lifecycle'], 'onClose'>;
  readonly metrics: Pick<ServiceContext['metrics'], 'storageObserver' | 'storageSpace'>;
}

/**
 * Opens the configured store of a service. It closes with the service, its actions appear in the service's metrics, and its check
 * (`health.storagedriver`) is part of readiness.
 * @throws Error whose message names the driver and every wrong parameter, or the reason of a refused access
 */
export async function openStore({
  config,
  lifecycle,
  metrics,
  readiness,
}: StoreHost): Promise<StorageDriver> {
  const parameters = storageDriverOf(config.storage);
  const [name = 'none'] = Object.keys(parameters);
  const labels = { driver: name, actions: storageActions, outcomes: storageOutcomes };
  const driver = await createStorageDriver(parameters, {
    ...storageOptionsOf(config),
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
