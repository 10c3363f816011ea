import { startFaultProxy } from '@longshore/testing/stores';
import { startStoreControl } from './store-control.ts';
import type { StoreKind } from './store-kinds.ts';

/** A store behind a proxy. The registry uses the proxy, and tests use its control. */
export interface StorePlace {
  /** Configuration of a registry on this store. */
  readonly configuration: string;
  readonly control: string;
  stop(): Promise<void>;
}

export async function startStorePlace(kind: StoreKind): Promise<StorePlace> {
  const store = await kind.start();
  const proxy = await startFaultProxy(store.origin);
  const control = await startStoreControl(kind, { store, proxy });
  return {
    configuration: registryConfiguration(store.configuration(proxy.origin)),
    control: control.origin,
    stop: async () => {
      await control.stop();
      await proxy.stop();
      await store.stop();
    },
  };
}

/** JSON is YAML. A manifest may reference content that nobody has pushed, as the conformance suite's sparse manifests do. */
function registryConfiguration(driver: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    version: 0.1,
    storage: {
      ...driver,
      // The registry serves bytes itself, except for one family of repositories.
      redirect: { except: { repositories: ['e2e/**', 'conformance/**'] } },
      maintenance: { uploadpurging: { age: '60s', interval: '5s' } },
    },
    gc: { grace: '10s', interval: '1s', trashdelay: '1s', untagged: { enabled: true, age: '90s' } },
    validation: { manifests: { blobs: 'none', indexes: { platforms: 'none' } } },
  });
}
