import { startSwift, swiftAccess, swiftContents } from '@longshore/testing/stores';
import type { StartedStore } from '../started-store.ts';

/** Halted, it does not answer. */
export async function startSwiftStore(): Promise<StartedStore> {
  const server = await startSwift();
  return {
    ...swiftAccess(server),
    contents: () => swiftContents(server),
    halt: () => server.pause(),
    resume: () => server.resume(),
    stop: () => server.stop(),
  };
}
