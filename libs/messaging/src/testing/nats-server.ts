import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The path of a real `nats-server`, from PATH or Go's own folder, or `undefined`. */
export function findNatsServer(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  return folders.map((folder) => join(folder, 'nats-server')).find(isExecutable);
}

/** True when tests against a server should be left out. @throws Error when they must not be, and it is missing. */
export function natsServerIsMissing(): boolean {
  const missing = findNatsServer() === undefined;
  if (missing && process.env['LONGSHORE_REQUIRE_SERVERS'] !== undefined) {
    throw new Error('LONGSHORE_REQUIRE_SERVERS is set, and there is no nats-server on PATH or in ~/go/bin');
  }
  return missing;
}

export interface TestNatsServer {
  readonly port: number;
  readonly url: string;
  /** Of the running process. */
  readonly pid: number | undefined;
  /** Ends the process at once; what it stored stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port and store. */
  restart(): Promise<void>;
  /** Removes what JetStream stored. Only while stopped. */
  wipe(): void;
  /** Stops it and removes its store. */
  dispose(): Promise<void>;
}

/** Starts a server of one's own, with JetStream, on a free port. */
export async function startNatsServer({ maxPayload = '8MB' } = {}): Promise<TestNatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-nats-'));
  const port = await freePort();
  const config = join(folder, 'nats.conf');
  const store = join(folder, 'store');
  writeFileSync(
    config,
    `listen: "127.0.0.1:${port}"\nmax_payload: ${maxPayload}\njetstream { store_dir: "${store}" }\n`,
  );
  let running = await launch(config);
  const stop = async () => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    get pid() {
      return running.pid;
    },
    stop,
    restart: async () => {
      running = await launch(config);
    },
    wipe: () => rmSync(store, { recursive: true, force: true }),
    dispose: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(config: string) {
  const server = spawn(findNatsServer() ?? 'nats-server', ['-c', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
