import { ensureSigningKey } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { cliOn } from '../testing/cli-on.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());

const longshore = cliOn(postgres.url);

let made = 0;
/** Does what auth-service does every second. */
const serve = () =>
  ensureSigningKey(db, {
    generate: async () => {
      made += 1;
      return { kid: `key-${made}`, publicJwk: { kty: 'EC', alg: 'ES256' }, privateKey: Buffer.alloc(1) };
    },
    algorithm: 'ES256',
    maximumAgeSeconds: 3600,
  });
const statesOf = async () => {
  const { printed } = await longshore('keys', 'list', '--json');
  const keys: { kid: string; state: string }[] = JSON.parse(printed.join(''));
  return Object.fromEntries(keys.map(({ kid, state }) => [kid, state]));
};

describe('longshore keys', () => {
  it('says that there is no key before auth-service made one', async () => {
    expect(await longshore('keys', 'rotate')).toMatchObject({
      status: 1,
      complained: [expect.stringContaining('there is no key yet')],
    });
    expect(await longshore('keys', 'list')).toMatchObject({ status: 0, printed: [] });
    expect((await longshore('audit', 'list', '--json')).printed).toEqual(['[]']);
  });

  it('rotates, and lists which key signs and which is next', async () => {
    await serve();
    const rotating = longshore('keys', 'rotate');
    await expect.poll(serve).toMatchObject({ kid: 'key-2' });
    expect(await rotating).toMatchObject({
      status: 0,
      printed: [expect.stringMatching(/^key-2 signs from 20/)],
    });
    expect(await statesOf()).toEqual({ 'key-1': 'signs', 'key-2': 'next' });
    const now = longshore('keys', 'rotate', '--now', '--json');
    await expect.poll(serve).toMatchObject({ kid: 'key-3' });
    const { printed } = await now;
    const { kid, signsFrom }: { kid: string; signsFrom: string } = JSON.parse(printed.join(''));
    expect(kid).toBe('key-3');
    expect(new Date(signsFrom).getTime()).toBeLessThan(Date.now() + 6000);
  });

  it('revokes a key once, and needs its id', async () => {
    expect(await longshore('keys', 'revoke', 'key-1')).toMatchObject({ status: 0 });
    expect(await longshore('keys', 'revoke', 'key-1')).toMatchObject({ status: 1 });
    expect(await longshore('keys', 'revoke')).toMatchObject({ status: 64 });
    expect(Object.keys(await statesOf())).toEqual(['key-3', 'key-2']);
  });
});
