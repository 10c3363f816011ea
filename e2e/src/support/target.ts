import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RegistryClient } from '@longshore/testing';
import { type Account, basic } from './credentials.ts';

/** The registry that the runner started for this suite. */
export const target = {
  origin: process.env['E2E_ORIGIN'] ?? '',
  form: process.env['E2E_FORM'] ?? '',
  home: process.env['E2E_HOME'] ?? '',
  pid: Number(process.env['E2E_PID'] ?? ''),
} as const;

export const client = new RegistryClient(target.origin);

/** Returns a client that sends the account's password with each request. */
export function clientOf(account: Account, origin = target.origin): RegistryClient {
  return new RegistryClient(origin, { headers: { authorization: basic(account) } });
}

/** Returns an image's name: host, port and a repository. */
export function imageName(repository: string): string {
  return `${new URL(target.origin).host}/${repository}`;
}

export interface ServiceProcess {
  readonly name: string;
  readonly replica: number;
  readonly pid: number;
  /** Address of the registry's API, if it serves it. */
  readonly http?: string;
  readonly debug: string;
}

/** Returns the current processes of the cluster: a restarted one has another pid. */
export async function serviceProcesses(name?: string): Promise<readonly ServiceProcess[]> {
  const processes: ServiceProcess[] = JSON.parse(
    await readFile(join(target.home, 'cluster/processes.json'), 'utf8'),
  );
  return processes.filter((candidate) => name === undefined || candidate.name === name);
}

/** Returns the origin of a door of the registry, without the cluster's load balancer, which treats broken HTTP in its own way. */
export async function doorOrigin(): Promise<string> {
  if (target.form !== 'cluster') return target.origin;
  const [gateway] = await serviceProcesses('longshore-api-gateway');
  if (gateway?.http === undefined) throw new Error('the cluster has no gateway');
  return `http://${gateway.http}`;
}
