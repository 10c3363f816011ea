import { ossAccess, startOss } from '@longshore/oss-server';
import type { StartedStore } from '../started-store.ts';

/** Halted, it breaks its connections and refuses new ones. */
export async function startOssStore(): Promise<StartedStore> {
  const server = await startOss();
  return {
    ...ossAccess(server),
    contents: () => server.contents(),
    halt: () => server.kill(),
    resume: () => server.restart(),
    stop: () => server.stop(),
  };
}
