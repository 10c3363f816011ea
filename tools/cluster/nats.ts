import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverConfiguration } from '@longshore/messaging';
import { natsVersion } from '../nats-version.ts';
import { freePorts } from './ports.ts';
import { findProgram } from './programs.ts';
import { Supervised } from './supervised.ts';

export interface NatsServer {
  readonly url: string;
  stop(): Promise<void>;
}

export interface NatsOptions {
  /** Directory that contains the configuration and the streams. */
  readonly home: string;
  /** Passwords of the services, as variables of the configuration. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly progress: (message: string) => void;
}

/** Starts a nats-server with the limits and users that the services need. It gets no variables of ours except the passwords. */
export async function startNats({ home, passwords, progress }: NatsOptions): Promise<NatsServer> {
  const program = await findProgram('nats-server');
  if (program === undefined)
    throw new Error('nats-server is not on the PATH; install it, or give REGISTRY_NATS_SERVERS_0');
  const { version, syncs } = await natsVersion(program);
  if (!syncs)
    progress(`nats-server ${version} flushes events every two minutes only; 2.10 and later do at once`);
  const configuration = join(home, 'nats.conf');
  writeFileSync(configuration, serverConfiguration({ syncs }));
  const [port] = await freePorts(1);
  const place = ['--addr', '127.0.0.1', '--port', String(port), '--store_dir', join(home, 'jetstream')];
  const server = new Supervised({
    name: 'nats-server',
    label: 'nats',
    program,
    options: ['--config', configuration, ...place],
    environment: passwords,
    confined: true,
  });
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
