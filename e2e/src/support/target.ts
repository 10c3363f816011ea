import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RegistryClient } from '@longshore/testing';

/** The registry that the runner started for this suite. */
export const target = {
  origin: process.env['E2E_ORIGIN'] ?? '',
  form: process.env['E2E_FORM'] ?? '',
  home: process.env['E2E_HOME'] ?? '',
  pid: Number(process.env['E2E_PID'] ?? ''),
} as const;

export const client = new RegistryClient(target.origin);

/** How images are named there: host, port and a repository. */
export function imageName(repository: string): string {
  return `${new URL(target.origin).host}/${repository}`;
}

export interface ServiceProcess {
  readonly name: string;
  readonly replica: number;
  readonly pid: number;
  /** Where it listens for the registry's API, if it does. */
  readonly http?: string;
  readonly debug: string;
}

/** The processes of the cluster as they are now: a restarted one has another pid. */
export async function serviceProcesses(name?: string): Promise<readonly ServiceProcess[]> {
  const processes: ServiceProcess[] = JSON.parse(
    await readFile(join(target.home, 'cluster/processes.json'), 'utf8'),
  );
  return processes.filter((candidate) => name === undefined || candidate.name === name);
}

/** A door of the registry itself, without the load balancer of the cluster, which has its own opinion of broken HTTP. */
export async function doorOrigin(): Promise<string> {
  if (target.form !== 'cluster') return target.origin;
  const [gateway] = await serviceProcesses('longshore-api-gateway');
  if (gateway?.http === undefined) throw new Error('the cluster has no gateway');
  return `http://${gateway.http}`;
}
