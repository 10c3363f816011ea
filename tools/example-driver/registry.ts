import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { archive, uniqueBytes } from '@longshore/testing';
import { freePorts } from '../cluster/ports.ts';
import { untilServing } from '../cluster/readiness.ts';
import { run } from './command.ts';
import { configure } from './operator.ts';
import { workspace } from './pack.ts';

const startMs = 120_000;
const stopMs = 60_000;
const content = uniqueBytes(5_000_000).toString('hex');

/**
 * Starts a registry in the operator's folder that stores its bytes in the driver, pushes an image with crane and pulls it again.
 * @throws Error if the registry does not start, crane fails, the image has other bytes, or they are not in the driver's database
 */
export async function serveImageBy(home: string, driver: string): Promise<void> {
  const state = await mkdtemp(join(home, 'state-'));
  const database = join(state, 'blobs.db');
  const configuration = await configure(home, driver, { path: database });
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const log = join(home, 'registry.log');
  await using registry = await start(home, { configuration, state, address, log });
  await Promise.race([untilServing(address, startMs), registry.death]).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\n${await readFile(log, 'utf8')}`, { cause: error });
  });
  await pushAndPull(home, `${address}/example/image:1`);
  expectBytesIn(database);
}

interface Place {
  readonly configuration: string;
  readonly state: string;
  readonly address: string;
  readonly log: string;
}

interface Registry extends AsyncDisposable {
  /** Rejects when it ends. */
  readonly death: Promise<never>;
}

async function start(home: string, { configuration, state, address, log }: Place): Promise<Registry> {
  const output = await open(log, 'w');
  const main = join(workspace, 'apps/standalone/dist/main.js');
  const child = spawn(process.execPath, [main, '--config', configuration], {
    cwd: home,
    stdio: ['ignore', output.fd, output.fd],
    env: { ...process.env, LONGSHORE_HOME: state, REGISTRY_HTTP_ADDR: address },
  });
  const ended = once(child, 'exit');
  await output.close();
  const death = ended.then(() => {
    throw new Error('the registry ended before its time');
  });
  // It rejects at the latest at the end; the race decides whether that was too early.
  death.catch(() => undefined);
  return {
    death,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function pushAndPull(home: string, image: string): Promise<void> {
  const crane = (...options: readonly string[]): Promise<string> =>
    run(home, 'crane', '--insecure', ...options);
  await writeFile(join(home, 'layer.tar'), archive([{ path: 'content', content }]));
  await crane('append', '--new_layer', 'layer.tar', '--new_tag', image);
  await crane('validate', '--remote', image);
  await crane('export', image, 'pulled.tar');
  const pulled = await run(home, 'tar', '-xOf', 'pulled.tar', 'content');
  if (pulled !== content) throw new Error('the image that was pulled is not the one that was pushed');
}

/** Fails for a registry that used another driver without notice. */
function expectBytesIn(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  const found = database.prepare('SELECT count(*) AS blobs, sum(size) AS bytes FROM objects').get();
  database.close();
  const { blobs, bytes } = found ?? {};
  // A configuration and a layer, which crane compresses: hex digits compress to half their size.
  if (Number(blobs) < 2 || Number(bytes) < content.length / 2)
    throw new Error(`the database has ${String(blobs)} blobs of ${String(bytes)} bytes`);
}
