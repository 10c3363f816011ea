import { type ProcessMemory, processesBelow } from './processes.ts';
import { target } from './target.ts';

/** Returns the cluster's bus: a restarted one has another pid. @throws Error if there is none at the moment */
export async function natsServer(): Promise<ProcessMemory> {
  const server = (await processesBelow(target.pid)).find(({ name }) => name.startsWith('nats-server'));
  if (server === undefined) throw new Error('the cluster has no nats-server');
  return server;
}
