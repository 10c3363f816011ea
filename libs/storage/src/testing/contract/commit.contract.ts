import { expect, it } from 'vitest';
import type { ObjectKey } from '../../object-key.ts';
import { StorageError } from '../../storage-error.ts';
import { someBytes } from '../bytes.ts';
import type { Subject } from '../subject.ts';

export function describeCommit(use: () => Subject): void {
  it('shows nothing at the final key before the commit, and everything after it', async () => {
    const subject = use();
    const { renames } = subject.driver.capabilities;
    const upload = await subject.append(subject.upload(), someBytes(100_000));
    const finalKey = subject.finalKey(upload);
    const isThere = async (key: ObjectKey): Promise<boolean> => (await subject.keys(key)).includes(key);
    expect(renames && (await isThere(finalKey))).toBe(false);
    await subject.driver.commit(upload, finalKey);
    expect(await subject.other.stat(finalKey)).toMatchObject({ size: 100_000 });
    expect((await subject.content(finalKey)).equals(someBytes(100_000))).toBe(true);
    expect(await subject.keys(finalKey)).toEqual([finalKey]);
    expect(await isThere(upload.key)).toBe(!renames);
  });

  it('lets the bytes of an open upload be read, on a driver that does not rename once it is committed', async () => {
    const subject = use();
    const upload = await subject.append(subject.upload(), someBytes(100_000));
    if (!subject.driver.capabilities.renames) await subject.driver.commit(upload, upload.key);
    expect((await subject.content(upload.key)).equals(someBytes(100_000))).toBe(true);
  });

  it('makes an empty object of an upload without a byte', async () => {
    const subject = use();
    const never = await subject.commit(subject.upload());
    expect(await subject.content(never)).toHaveLength(0);
    const empty = await subject.commit(await subject.append(subject.upload(), Buffer.alloc(0)));
    expect(await subject.driver.stat(empty)).toMatchObject({ size: 0 });
  });

  it('commits the acknowledged bytes only', async () => {
    const subject = use();
    const first = await subject.append(subject.upload(), someBytes(1000));
    await subject.append(first, someBytes(3_000_000, 2));
    const key = await subject.commit(first);
    expect((await subject.content(key)).equals(someBytes(1000))).toBe(true);
  });

  it.each([0, 1, 2_000_000])('changes nothing when it is done again, with %d bytes', async (size) => {
    const subject = use();
    const upload = await subject.append(subject.upload(), someBytes(size));
    const finalKey = subject.finalKey(upload);
    await subject.driver.commit(upload, finalKey);
    await subject.other.commit(upload, finalKey);
    await Promise.all([subject.driver.commit(upload, finalKey), subject.other.commit(upload, finalKey)]);
    expect((await subject.content(finalKey)).equals(someBytes(size))).toBe(true);
  });

  it.each([
    ['small', [1, 1000, 20]],
    ['large and small', [11_000_000, 7, 7]],
  ])('changes nothing when it is done again after %s chunks', async (_, sizes) => {
    const subject = use();
    let upload = subject.upload();
    for (const size of sizes) upload = await subject.append(upload, someBytes(size));
    const finalKey = subject.finalKey(upload);
    await subject.driver.commit(upload, finalKey);
    await subject.other.commit(upload, finalKey);
    await Promise.all([subject.driver.commit(upload, finalKey), subject.other.commit(upload, finalKey)]);
    const content = await subject.content(finalKey);
    expect(content.equals(Buffer.concat(sizes.map((size) => someBytes(size))))).toBe(true);
    expect(await subject.leftovers()).not.toContain(upload.key);
  });

  it('may be asked for several times at once', async () => {
    const subject = use();
    const upload = await subject.append(subject.upload(), someBytes(70_000));
    const finalKey = subject.finalKey(upload);
    const commits = Array.from({ length: 6 }, (_, index) =>
      (index % 2 === 0 ? subject.driver : subject.other).commit(upload, finalKey),
    );
    await Promise.all(commits);
    expect((await subject.content(finalKey)).equals(someBytes(70_000))).toBe(true);
  });

  it('says absent when neither key has the bytes', async () => {
    const subject = use();
    const upload = { ...subject.upload(), offset: 10 };
    const committing = subject.driver.commit(upload, subject.finalKey(upload));
    await expect(committing).rejects.toMatchObject({ kind: 'absent', driver: subject.driver.name });
  });

  it('moves the bytes to another key exactly if it says that it renames', async () => {
    const subject = use();
    const upload = await subject.append(subject.upload(), Buffer.from('x'));
    const outcome = await subject.driver.commit(upload, subject.key()).then(
      () => 'moved',
      (error: unknown) => (error instanceof StorageError ? error.kind : error),
    );
    expect(outcome).toBe(subject.driver.capabilities.renames ? 'moved' : 'invalid-path');
  });

  it('aborts an upload by its key alone, and again', async () => {
    const subject = use();
    const upload = await subject.append(subject.upload(), someBytes(2_000_000));
    await subject.other.abort(upload.key);
    await subject.driver.abort(upload.key);
    expect(await subject.keys(upload.key)).toEqual([]);
    const committing = subject.driver.commit(upload, subject.finalKey(upload));
    await expect(committing).rejects.toMatchObject({ kind: 'absent' });
  });

  it('aborts what never was', async () => {
    await expect(use().driver.abort(use().key())).resolves.toBeUndefined();
  });

  it.each(['commit', 'abort'] as const)('leaves nothing over after a %s', async (end) => {
    const subject = use();
    let upload = subject.upload();
    for (const size of [1, 11_000_000, 7, 7, 7]) upload = await subject.append(upload, someBytes(size));
    await (end === 'commit' ? subject.commit(upload) : subject.other.abort(upload.key));
    expect(await subject.leftovers()).not.toContain(upload.key);
  });

  it('clears what an upload left beside the object at its key, and not the object', async () => {
    const subject = use();
    const { key } = await subject.append(subject.upload(), someBytes(11_000_000));
    await subject.append({ key, offset: 0, state: null }, someBytes(12_000_000, 2));
    await subject.driver.put(key, Buffer.from('an object'));
    await subject.other.clear(key);
    await subject.driver.clear(key);
    expect(await subject.leftovers()).not.toContain(key);
    expect(String(await subject.content(key))).toBe('an object');
  });
}
