import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, programsAreMissing, requireProgram } from '@longshore/testing';
import { type BusService, busServices } from '../bus-services.ts';
import { passwordSetting, passwordVariable, serverConfiguration } from '../nats/server-configuration.ts';

/** Returns true if tests that need a server should be skipped. @throws Error if servers are required and there is none */
export const natsServerIsMissing = (): boolean => programsAreMissing('nats-server');

export interface TestNatsServer {
  readonly port: number;
  readonly url: string;
  /** Passwords by service, with `secured`. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Process id while it runs. */
  readonly pid: number | undefined;
  /** Kills the process. Its store stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port and store. */
  restart(): Promise<void>;
  /** Deletes JetStream's store. Only while stopped. */
  wipe(): void;
  /** Stops the server and deletes its store. */
  dispose(): Promise<void>;
}

export interface TestNatsOptions {
  readonly maxPayload?: string;
  /** Uses the configuration that Longshore ships: a user and a password for each service. */
  readonly secured?: boolean;
  /** Further lines of its configuration, beside the limit on messages. Default: JetStream. */
  readonly further?: string;
  /** A complete configuration, in place of the generated one. */
  readonly configuration?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a separate server with JetStream on a free port. */
export async function startNatsServer(options: TestNatsOptions = {}): Promise<TestNatsServer> {
  const { maxPayload = '8MB', secured = false, further = 'jetstream {}' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'longshore-nats-'));
  const port = await freePort();
  const config = join(folder, 'nats.conf');
  const store = join(folder, 'store');
  const plain = `max_payload: ${maxPayload}\n${further}`;
  writeFileSync(config, options.configuration ?? (secured ? serverConfiguration() : plain));
  const passwords = new Map(secured ? busServices.map((service) => [service, randomUUID()]) : []);
  const start = () =>
    launch(['-c', config, '-a', '127.0.0.1', '-p', String(port), '-sd', store], {
      ...options.environment,
      ...variablesOf(passwords),
    });
  let running = await start();
  const stop = async () => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    passwords,
    get pid() {
      return running.pid;
    },
    stop,
    restart: async () => {
      running = await start();
    },
    wipe: () => rmSync(store, { recursive: true, force: true }),
    dispose: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function variablesOf(passwords: ReadonlyMap<BusService, string>): Record<string, string> {
  const entries = [...passwords].map(
    ([service, password]) => [passwordVariable(service), passwordSetting(password)] as const,
  );
  return Object.fromEntries(entries);
}

async function launch(options: readonly string[], environment: Readonly<Record<string, string>>) {
  const program = requireProgram('nats-server', 'go install github.com/nats-io/nats-server/v2@latest');
  const server = spawn(program, options, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`nats-server ended: ${output}`)));
    server.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Server is ready')) resolve();
    });
  });
  return server;
}
