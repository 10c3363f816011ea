import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isObjectKey, type ObjectKey } from '../../object-key.ts';
import { someBytes } from '../bytes.ts';
import type { Subject } from '../subject.ts';

const shapes = [
  'a',
  '2',
  'aa',
  'a.a',
  '0-9/abcdefg',
  'abcdefg/z.75',
  'abc/1.2.3.4.5-6_zyx/123.z/4',
  'docker/docker-registry',
  'Docker/docker-registry',
  '123.abc',
  'abc./abc',
  '.abc',
  'a--b',
  'a-.b',
  '_.abc',
  'Abc/Cba',
  `${'long-'.repeat(50)}/x`,
];

const wrong = [
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  '../a',
  'a/../b',
  'a/.',
  'a b',
  'a+b',
  'a%2e',
  'ü',
  'a\\b',
  'a\0',
  '~a',
];

/** Makes a key of any text, bypassing the compiler. */
function forged(text: string): ObjectKey {
  const key: unknown = text;
  const pretend = (value: unknown): value is ObjectKey => value === text;
  if (!pretend(key)) throw new Error('unreachable');
  return key;
}

export function describeObjects(use: () => Subject): void {
  it.each(shapes)('takes the key %s', async (shape) => {
    const { driver, ...subject } = { driver: use().driver, folder: use().folder() };
    const key = forged(`${subject.folder}/${shape}`);
    expect(isObjectKey(key)).toBe(true);
    await driver.put(key, Buffer.from(shape));
    expect(String(await use().content(key))).toBe(shape);
    expect(await driver.stat(key)).toMatchObject({ key, size: Buffer.byteLength(shape) });
  });

  it.each(wrong)('refuses the key %j in every method', async (text) => {
    const { driver } = use();
    const key = forged(text);
    const upload = { key, offset: 0, state: null };
    const refusal = { kind: 'invalid-path', driver: driver.name };
    await expect(driver.stat(key)).rejects.toMatchObject(refusal);
    await expect(driver.read(key)).rejects.toMatchObject(refusal);
    await expect(driver.put(key, Buffer.from('x'))).rejects.toMatchObject(refusal);
    await expect(use().append(upload, Buffer.from('x'))).rejects.toMatchObject(refusal);
    await expect(driver.commit(upload, key)).rejects.toMatchObject(refusal);
    await expect(driver.abort(key)).rejects.toMatchObject(refusal);
    await expect(driver.delete([key])).rejects.toMatchObject(refusal);
    await expect(driver.redirect(key, { method: 'GET', expiresInSeconds: 60 })).rejects.toMatchObject(
      refusal,
    );
  });

  it.each([
    ['no byte', Buffer.alloc(0)],
    ['one byte', Buffer.from('a')],
    ['text beyond ASCII', Buffer.from('Schiffsladung ⚓ 船')],
    ['what is no text', Buffer.from([0x80, 0x80, 0x80, 0xff, 0x00])],
    ['1 MiB', someBytes(1024 * 1024)],
  ])('gives back %s as it was put', async (_, bytes) => {
    const key = use().key();
    await use().driver.put(key, bytes);
    expect((await use().content(key)).equals(bytes)).toBe(true);
  });

  it('replaces a longer object by a shorter one, whole', async () => {
    const key = use().key();
    await use().driver.put(key, someBytes(1024 * 1024));
    await use().driver.put(key, someBytes(1024, 2));
    expect((await use().content(key)).equals(someBytes(1024, 2))).toBe(true);
    expect((await use().driver.stat(key)).size).toBe(1024);
  });

  it('tells when an object was written', async () => {
    const key = use().key();
    await use().driver.put(key, Buffer.from('old'));
    const before = await use().driver.stat(key);
    await setTimeout(1100);
    await use().driver.put(key, Buffer.from('new'));
    const after = await use().driver.stat(key);
    expect(after.modifiedAt.getTime()).toBeGreaterThan(before.modifiedAt.getTime());
    expect(Math.abs(after.modifiedAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('says absent, with the key and the driver, where nothing was ever put', async () => {
    const key = use().key();
    const absent = { kind: 'absent', key, driver: use().driver.name };
    await expect(use().driver.stat(key)).rejects.toMatchObject(absent);
    await expect(use().driver.stat(forged(`${key}/below/it`))).rejects.toMatchObject({ kind: 'absent' });
  });

  it('says absent for what is only a prefix of keys', async () => {
    const folder = use().folder();
    await use().driver.put(forged(`${folder}/a/b`), Buffer.from('x'));
    await expect(use().driver.stat(forged(`${folder}/a`))).rejects.toMatchObject({ kind: 'absent' });
    await expect(use().driver.read(forged(`${folder}/a`))).rejects.toMatchObject({ kind: 'absent' });
  });

  it.each(['GET', 'HEAD'] as const)(
    'gives a URL for %s exactly if it says that it redirects',
    async (method) => {
      const { driver } = use();
      const key = await use().stored(Buffer.from('redirected'));
      const url = await driver.redirect(key, { method, expiresInSeconds: 60 });
      expect(url !== undefined).toBe(driver.capabilities.redirects);
      if (url === undefined) return;
      const answer = await fetch(url, { method });
      expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '10']);
      expect(await answer.text()).toBe(method === 'GET' ? 'redirected' : '');
    },
  );

  // A URL is signed for a bucket of time, so the moment of the call decides how much of its validity is left.
  it('gives URLs that are good for as long as was asked, whenever they are asked for', async () => {
    const { driver } = use();
    if (!driver.capabilities.redirects) return;
    const key = await use().stored(Buffer.from('redirected'));
    const statuses = await Promise.all(
      [0, 2000, 4000, 6000].map(async (later) => {
        await setTimeout(later);
        const url = (await driver.redirect(key, { method: 'GET', expiresInSeconds: 16 })) ?? '';
        await setTimeout(13_000);
        return (await fetch(url)).status;
      }),
    );
    expect(statuses).toEqual([200, 200, 200, 200]);
  });

  it('puts nothing when the signal is aborted, and gives its reason', async () => {
    const key = use().key();
    const reason = new Error('not any more');
    const options = { signal: AbortSignal.abort(reason) };
    await expect(use().driver.put(key, Buffer.from('x'), options)).rejects.toBe(reason);
    await expect(use().driver.stat(key)).rejects.toMatchObject({ kind: 'absent' });
  });
}
