import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RegistryClient, tinyImage, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alice, basic } from '../support/credentials.ts';
import { type Door, doorsTo, statusesOf, untilRefused } from '../support/doors.ts';
import { longshore } from '../support/longshore.ts';
import { client, clientOf, target } from '../support/target.ts';

const repository = uniqueRepository('keys');
const image = tinyImage({ content: repository });
const htpasswd = join(target.home, 'htpasswd');

let doors: readonly Door[] = [];
let gateways: readonly RegistryClient[] = [];
let accounts = '';

beforeAll(async () => {
  await clientOf(alice).pushImage(repository, image, 'latest');
  doors = await doorsTo(repository, image);
  gateways = doors.filter(({ path }) => path.includes('/manifests/')).map((door) => door.client);
  accounts = await readFile(htpasswd, 'utf8');
});
afterAll(() => writeFile(htpasswd, accounts));

async function tokenFrom(gateway: RegistryClient): Promise<string> {
  const scope = `repository:${repository}:pull`;
  const answer = await gateway.get(`/auth/token?service=registry.test&scope=${scope}`, {
    authorization: basic(alice),
  });
  if (answer.status !== 200) throw new Error(`the token endpoint answered ${answer.status}`);
  const { access_token: token }: { access_token: string } = JSON.parse(answer.body.toString());
  return token;
}

const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

describe('two gateways and two blob-services', () => {
  it('refuse nothing while keys are rotated under load', { timeout: 240_000 }, async () => {
    expect(doors).toHaveLength(4);
    const load = new AbortController();
    const kids = new Set<string>();
    const failures: string[] = [];
    let requests = 0;
    const worker = async (number: number): Promise<void> => {
      while (!load.signal.aborted) {
        const token = await tokenFrom(gateways[number % gateways.length] ?? client);
        kids.add(kidOf(token));
        for (const door of Array.from({ length: 5 }, () => doors).flat()) {
          const [status] = await statusesOf([door], `Bearer ${token}`);
          requests += 1;
          if (status !== 200) failures.push(`${status} of ${door.client.origin} for ${kidOf(token)}`);
        }
      }
    };
    const workers = Array.from({ length: 4 }, (_, number) => worker(number));
    await expect.poll(() => kids.size, { timeout: 20_000 }).toBe(1);
    for (let rotation = 0; rotation < 4; rotation += 1) {
      const before = kids.size;
      await longshore('keys', 'rotate', '--now');
      await expect.poll(() => kids.size, { timeout: 40_000, interval: 100 }).toBeGreaterThan(before);
    }
    load.abort();
    await Promise.all(workers);
    expect(failures).toEqual([]);
    expect(kids.size).toBeGreaterThanOrEqual(5);
    expect(requests).toBeGreaterThan(200);
  });

  it('publish the keys', async () => {
    const [gateway = client] = gateways;
    const token = await tokenFrom(gateway);
    const answer = await gateway.get('/.well-known/jwks.json');
    expect(answer.status).toBe(200);
    const { keys }: { keys: { kid: string; d?: string }[] } = JSON.parse(answer.body.toString());
    expect(keys.map(({ kid }) => kid)).toContain(kidOf(token));
    expect(keys.filter((key) => 'd' in key)).toEqual([]);
  });

  it('refuse the tokens of a revoked key within 5 s, and take new ones', { timeout: 60_000 }, async () => {
    const [gateway = client] = gateways;
    const token = await tokenFrom(gateway);
    expect(await statusesOf(doors, `Bearer ${token}`)).toEqual([200, 200, 200, 200]);
    await longshore('keys', 'revoke', kidOf(token));
    expect(await untilRefused(doors, `Bearer ${token}`)).toBeLessThan(5000);
    await expect
      .poll(async () => statusesOf(doors.slice(0, 1), `Bearer ${await tokenFrom(gateway)}`), {
        timeout: 20_000,
      })
      .toEqual([200]);
  });

  it('refuse a removed account within a second or so, by password and by token', async () => {
    const [gateway = client] = gateways;
    const token = await tokenFrom(gateway);
    expect(await statusesOf(doors, basic(alice))).toEqual([200, 200, 200, 200]);
    await writeFile(`${htpasswd}.new`, accounts.replace(/^alice:.*\n/m, ''));
    await rename(`${htpasswd}.new`, htpasswd);
    const took = await Promise.all([
      untilRefused(doors, basic(alice)),
      untilRefused(doors, `Bearer ${token}`),
    ]);
    expect(Math.max(...took)).toBeLessThan(5000);
  });
});
