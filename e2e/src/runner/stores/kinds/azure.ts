import { azureAccess, azureContents, startAzurite } from '@longshore/testing/stores';
import type { StartedStore } from '../started-store.ts';

/** Halted, it does not answer: azurite loses recent objects when it is killed, unlike Azure. */
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
