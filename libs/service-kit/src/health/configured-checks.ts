import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { codeOf, type Configuration, parseAddress } from '@longshore/configuration';
import type { Readiness } from './readiness.ts';

type Health = Configuration['health'];

/**
 * Watches `health.file`, `health.http` and `health.tcp`: each makes the service unready while it fails. Reports the key's name, since an address may
 * contain a password. @throws Error for an invalid address
 */
export function watchConfiguredChecks({ file, http, tcp }: Health, readiness: Readiness): void {
  for (const [index, { file: path, interval }] of file.entries()) {
    const pace = { interval, timeout: interval, threshold: 1 };
    readiness.watch(`health.file[${index}]`, () => mustNotExist(path), pace);
  }
  for (const [index, target] of http.entries())
    readiness.watch(`health.http[${index}]`, (signal) => mustAnswer(target, signal), target);
  for (const [index, target] of tcp.entries()) {
    const address = parseAddress(target.addr);
    readiness.watch(`health.tcp[${index}]`, (signal) => mustConnect(address, signal), target);
  }
}

async function mustNotExist(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  throw new Error('the file exists');
}

/** Uses HEAD, as distribution does. */
async function mustAnswer(
  { uri, headers, statuscode }: Health['http'][number],
  signal: AbortSignal,
): Promise<void> {
  const sent = new Headers();
  for (const [name, values] of Object.entries(headers)) for (const value of values) sent.append(name, value);
  const { status } = await fetch(uri, { method: 'HEAD', headers: sent, signal });
  if (status !== statuscode) throw new Error(`answered ${status}, not ${statuscode}`);
}

async function mustConnect(address: { host?: string; port: number }, signal: AbortSignal): Promise<void> {
  const socket = connect(address);
  try {
    await once(socket, 'connect', { signal });
  } finally {
    socket.destroy();
  }
}
