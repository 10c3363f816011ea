import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './ports.ts';
import { findProgram } from './programs.ts';
import { Supervised } from './supervised.ts';

export interface NatsServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A nats-server with the limits that the services need (tools/nats.conf), its streams under `home`. */
export async function startNats(root: string, home: string): Promise<NatsServer> {
  const program = await findProgram('nats-server');
  if (program === undefined)
    throw new Error('nats-server is not on the PATH; install it, or give REGISTRY_NATS_SERVERS_0');
  const [port] = await freePorts(1);
  const options = [
    '-c',
    join(root, 'tools/nats.conf'),
    '-a',
    '127.0.0.1',
    '-p',
    String(port),
    '-sd',
    join(home, 'jetstream'),
  ];
  const server = new Supervised({ name: 'nats-server', label: 'nats', program, options });
  server.start();
  await untilListening(Number(port));
  return { url: `nats://127.0.0.1:${port}`, stop: () => server.stop() };
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await answers(port)) return;
    await sleep(100);
  }
  throw new Error('nats-server did not start within 10 s');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
