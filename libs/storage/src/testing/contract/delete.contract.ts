import { expect, it } from 'vitest';
import { objectKey } from '../../object-key.ts';
import { someBytes } from '../bytes.ts';
import type { Subject } from '../subject.ts';

/** More keys than the 1000 that S3 accepts in one request. */
const many = 1200;

export function describeDelete(use: () => Subject): void {
  it('removes an object for every process', async () => {
    const subject = use();
    const key = await subject.stored(someBytes(1000));
    expect(await subject.driver.delete([key])).toEqual({ gone: [key], failed: [] });
    await expect(subject.other.stat(key)).rejects.toMatchObject({ kind: 'absent' });
    await expect(subject.other.read(key)).rejects.toMatchObject({ kind: 'absent' });
  });

  it('counts an absent object as gone, wherever it is not', async () => {
    const subject = use();
    const object = await subject.stored(Buffer.from('x'));
    const keys = [subject.key(), objectKey(`${subject.folder()}/a/b/c`), objectKey(`${object}/below`)];
    const { gone, failed } = await subject.driver.delete(keys);
    expect(failed).toEqual([]);
    expect(gone.toSorted()).toEqual(keys.toSorted());
    expect(String(await subject.content(object))).toBe('x');
  });

  it('takes no key for a prefix', async () => {
    const subject = use();
    const folder = subject.folder();
    const [a, ab, below] = ['a', 'ab', 'x/y'].map((name) => objectKey(`${folder}/${name}`));
    if (a === undefined || ab === undefined || below === undefined) throw new Error('unreachable');
    for (const key of [a, ab, below]) await subject.driver.put(key, Buffer.from(key));
    await subject.driver.delete([a, objectKey(`${folder}/x`)]);
    expect(await subject.keys(`${folder}/`)).toEqual([ab, below]);
  });

  it('removes what an open upload left under the key', async () => {
    const subject = use();
    const upload = await subject.append(subject.upload(), someBytes(100_000));
    expect(await subject.driver.delete([upload.key])).toEqual({ gone: [upload.key], failed: [] });
    await expect(subject.append(upload, Buffer.from('x'))).rejects.toMatchObject({ kind: 'absent' });
  });

  it('takes no keys, and one key twice', async () => {
    const subject = use();
    const key = await subject.stored(Buffer.from('x'));
    expect(await subject.driver.delete([])).toEqual({ gone: [], failed: [] });
    expect(await subject.driver.delete([key, key])).toEqual({ gone: [key], failed: [] });
  });

  it(`removes ${many} objects at once, and tells of each`, { timeout: 300_000 }, async () => {
    const subject = use();
    const folder = subject.folder();
    const keys = Array.from({ length: many }, (_, index) => objectKey(`${folder}/${index % 40}/${index}`));
    for (let at = 0; at < many; at += 50) {
      const batch = keys.slice(at, at + 50).map((key) => subject.driver.put(key, Buffer.from('x')));
      await Promise.all(batch);
    }
    expect(await subject.keys(`${folder}/`)).toHaveLength(many);
    const { gone, failed } = await subject.driver.delete(keys);
    expect(failed).toEqual([]);
    expect(gone.toSorted()).toEqual(keys.toSorted());
    expect(await subject.keys(`${folder}/`)).toEqual([]);
  });
}
