import { azureContents, startAzurite } from '@longshore/testing/stores';
import type { StartedStore } from '../store-kinds.ts';

/** Halted, it is silent: azurite forgets what is new when it is killed, as Azure does not. */
export async function startAzure(): Promise<StartedStore> {
  const server = await startAzurite();
  const { accountName: accountname, accountKey: accountkey, container } = server;
  const { origin, pathname } = new URL(server.endpoint);
  return {
    origin,
    configuration: (proxy) => ({
      azure: { serviceurl: `${proxy}${pathname}`, accountname, accountkey, container },
    }),
    contents: () => azureContents(server),
    halt: () => server.pause(),
    resume: () => server.resume(),
    stop: () => server.stop(),
  };
}
