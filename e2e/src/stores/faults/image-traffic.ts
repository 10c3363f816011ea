import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { blobOf, type RegistryClient, uniqueBytes } from '@longshore/testing';
import type { Journal } from './journal.ts';
import { publish, type Published, pull } from './published.ts';

const largestLayer = 2 * 1024 * 1024;
const pauseMs = 200;

/** Pushes one image after another and pulls it, until it is stopped. @returns the acknowledged images */
export async function imageTraffic(
  client: RegistryClient,
  journal: Journal,
  { name, stopped }: { readonly name: string; readonly stopped: () => boolean },
): Promise<Published[]> {
  const acknowledged: Published[] = [];
  for (let round = 0; !stopped(); round += 1) {
    const layer = blobOf(uniqueBytes(randomInt(1, largestLayer)));
    const place = { name, tag: `t${round}` };
    const published = await journal.patiently(() => publish(client, place, layer), stopped);
    if (published === undefined) continue;
    acknowledged.push(published);
    await journal.patiently(() => pull(client, published));
    journal.progressed();
    await sleep(pauseMs);
  }
  return acknowledged;
}
