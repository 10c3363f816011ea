import { s3Access, s3Contents, startVersitygw } from '@longshore/testing/stores';
import type { StartedStore } from '../started-store.ts';

/** Halted, it is killed: connections break, and new ones are refused. */
export async function startS3(): Promise<StartedStore> {
  const server = await startVersitygw();
  return {
    ...s3Access(server),
    contents: () => s3Contents(server),
    halt: () => server.kill(),
    resume: () => server.restart(),
    stop: () => server.stop(),
  };
}
