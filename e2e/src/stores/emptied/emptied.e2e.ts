import { eventually } from '@longshore/testing';
import { expect, it } from 'vitest';
import { expectStatus } from '../../support/expectations.ts';
import { client } from '../../support/target.ts';
import { store } from '../support/store.ts';

/** Milliseconds. The sweeper retries a failed deletion when its lease of 5 minutes has ended. */
const collectedMs = 330_000;

async function everyTag(): Promise<string[]> {
  const { repositories = [] } = (await client.get('/v2/_catalog?n=10000')).json();
  const all = await Promise.all(
    repositories.map(async (name) => {
      const answer = await client.get(`/v2/${name}/tags/list`);
      return (answer.json().tags ?? []).map((tag) => `/v2/${name}/manifests/${tag}`);
    }),
  );
  return all.flat();
}

it(
  'nothing is left in the store when every tag is deleted, and what was never finished has expired',
  { timeout: collectedMs + 30_000 },
  async () => {
    expect((await store.contents()).objects.length).toBeGreaterThan(0);
    for (const tag of await everyTag()) expectStatus(await client.delete(tag), 202);
    await eventually(async () => {
      expect(await store.contents()).toEqual({ objects: [], uploads: [] });
    }, collectedMs);
  },
);
