import { startSwift, swiftContents } from '@longshore/testing/stores';
import type { StartedStore } from '../store-kinds.ts';

/** Halted, it is silent. */
export async function startSwiftStore(): Promise<StartedStore> {
  const server = await startSwift();
  const { username, password, container } = server;
  const { origin, pathname } = new URL(server.authUrl);
  return {
    origin,
    // What a login answers is where it was sent to: the proxy, too.
    configuration: (proxy) => ({ swift: { authurl: `${proxy}${pathname}`, username, password, container } }),
    contents: () => swiftContents(server),
    halt: () => server.pause(),
    resume: () => server.resume(),
    stop: () => server.stop(),
  };
}
