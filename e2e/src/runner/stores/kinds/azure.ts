import { azureAccess, azureContents, startAzurite } from '@longshore/testing/stores';
import type { StartedStore } from '../started-store.ts';

/** Halted, it is silent: azurite forgets what is new when it is killed, as Azure does not. */
export async function startAzure(): Promise<StartedStore> {
  const server = await startAzurite();
  return {
    ...azureAccess(server),
    contents: () => azureContents(server),
    halt: () => server.pause(),
    resume: () => server.resume(),
    stop: () => server.stop(),
  };
}
