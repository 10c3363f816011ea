import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type Image, type RegistryClient, tinyImage } from '@longshore/testing';
import { expect } from 'vitest';
import { expectStatus } from './expectations.ts';

export interface Pushed {
  readonly tag: string;
  readonly image: Image;
}

/** Pushes one image after another until it is stopped. Repeats a broken push, as a client would. Returns the acknowledged images. */
export async function pushUntil(
  client: RegistryClient,
  repository: string,
  worker: number,
  stopped: () => boolean,
): Promise<Pushed[]> {
  const acknowledged: Pushed[] = [];
  for (let round = 0; !stopped(); round += 1) {
    const tag = `t-${worker}-${round}`;
    const image = tinyImage({ content: `${repository} ${tag}`, layers: 2 });
    if (await pushPatiently(client, repository, { tag, image }, stopped)) acknowledged.push({ tag, image });
  }
  return acknowledged;
}

/** Resolves when pushes have succeeded after those that a repository had before, and returns how many tags it has now. */
export async function untilPushed(client: RegistryClient, repository: string, before = 0): Promise<number> {
  return eventually(async () => {
    const answer = await client.get(`/v2/${repository}/tags/list`);
    expectStatus(answer, 200);
    const { length } = answer.json().tags ?? [];
    expect(length).toBeGreaterThan(before);
    return length;
  }, 90_000);
}

async function pushPatiently(
  client: RegistryClient,
  repository: string,
  { tag, image }: Pushed,
  stopped: () => boolean,
): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && !(stopped() && attempt > 10); attempt += 1) {
    try {
      await client.pushImage(repository, image, tag);
      return true;
    } catch {
      // A replica died; the next attempt reaches another one.
      await sleep(100);
    }
  }
  return false;
}
