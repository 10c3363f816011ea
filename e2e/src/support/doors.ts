import { setTimeout as sleep } from 'node:timers/promises';
import { type Image, RegistryClient } from '@longshore/testing';
import { client, serviceProcesses, target } from './target.ts';

/** A process that decides access by itself, and a path that it answers itself. */
export interface Door {
  readonly client: RegistryClient;
  readonly path: string;
}

/** Returns the gateways and blob-services of the cluster, or the one process of standalone, each with a path of the image. */
export async function doorsTo(repository: string, { blobs }: Image): Promise<readonly Door[]> {
  const manifest = `/v2/${repository}/manifests/latest`;
  if (target.form !== 'cluster') return [{ client, path: manifest }];
  const processes = await serviceProcesses();
  const clientsOf = (name: string) =>
    processes
      .filter((each) => each.name === name && each.http !== undefined)
      .map(({ http }) => new RegistryClient(`http://${http}`));
  const blob = `/v2/${repository}/blobs/${blobs[0]?.digest}`;
  return [
    ...clientsOf('longshore-api-gateway').map((each) => ({ client: each, path: manifest })),
    ...clientsOf('longshore-blob-service').map((each) => ({ client: each, path: blob })),
  ];
}

/** Returns the status that each door answers. */
export function statusesOf(doors: readonly Door[], authorization: string): Promise<number[]> {
  return Promise.all(
    doors.map(async ({ client: door, path }) => (await door.get(path, { authorization })).status),
  );
}

/** Returns the milliseconds until every door refuses the credentials. Rejects after 30 s. */
export async function untilRefused(doors: readonly Door[], authorization: string): Promise<number> {
  const since = performance.now();
  while (performance.now() - since < 30_000) {
    if ((await statusesOf(doors, authorization)).every((status) => status === 401))
      return performance.now() - since;
    await sleep(20);
  }
  throw new Error('a door still admits it');
}
