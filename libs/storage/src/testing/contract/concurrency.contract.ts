import { expect, it } from 'vitest';
import { parseDigest } from '@longshore/oci';
import { keyOfBlob, objectKey } from '../../object-key.ts';
import { longSource, sha256Of, someBytes } from '../bytes.ts';
import { largeBytes } from '../large-bytes.ts';
import type { Subject } from '../subject.ts';

const readers = 10;
const writers = 32;

export function describeConcurrency(use: () => Subject): void {
  it(`serves ${readers} readers of one object at once`, { timeout: 600_000 }, async () => {
    const subject = use();
    const size = Math.ceil(largeBytes() / 40);
    const upload = subject.upload();
    const appended = await subject.driver.append(upload, longSource(size));
    const key = await subject.commit({ key: upload.key, ...appended });
    const expected = await sha256Of(longSource(size));
    const reads = Array.from({ length: readers }, async () => sha256Of(await subject.driver.read(key)));
    expect(new Set(await Promise.all(reads))).toEqual(new Set([expected]));
  });

  it(`takes ${writers} objects at once`, { timeout: 600_000 }, async () => {
    const subject = use();
    const size = Math.ceil(largeBytes() / 160);
    const written = Array.from({ length: writers }, async (_, index) => {
      const upload = subject.upload();
      const appended = await subject.driver.append(upload, longSource(size + index));
      const key = await subject.commit({ key: upload.key, ...appended });
      const found = await sha256Of(await subject.other.read(key));
      return found === (await sha256Of(longSource(size + index)));
    });
    expect(await Promise.all(written)).toEqual(Array.from({ length: writers }, () => true));
  });

  it('shows all of one of two objects that are put at one key at once', async () => {
    const subject = use();
    const key = subject.key();
    const [one, two] = [someBytes(300_000, 1), someBytes(200_000, 2)];
    await subject.driver.put(key, one);
    const states: string[] = [];
    for (let round = 0; round < 10; round++) {
      const puts = Promise.all([subject.driver.put(key, one), subject.other.put(key, two)]);
      const reads = Array.from({ length: 4 }, () => subject.content(key));
      const contents = await Promise.all([...reads, puts.then(() => subject.content(key))]);
      states.push(
        ...contents.map((content) => (content.equals(one) || content.equals(two) ? 'whole' : 'neither')),
      );
    }
    expect(states).not.toContain('neither');
  });

  it('commits into a place that others are emptying', { timeout: 300_000 }, async () => {
    const subject = use();
    const folder = subject.folder();
    const rounds = Array.from({ length: 8 }, async (_, lane) => {
      for (let round = 0; round < 15; round++) {
        const driver = round % 2 === 0 ? subject.driver : subject.other;
        const upload = { key: objectKey(`${folder}/uploads/${lane}-${round}`), offset: 0, state: null };
        const finalKey = driver.capabilities.renames
          ? objectKey(`${folder}/a/b/c/${lane}-${round}`)
          : upload.key;
        const committed = await subject.append(upload, Buffer.from(finalKey), driver);
        await driver.commit(committed, finalKey);
        expect(String(await subject.content(finalKey))).toBe(finalKey);
        expect(await driver.delete([finalKey])).toEqual({ gone: [finalKey], failed: [] });
      }
    });
    await Promise.all(rounds);
    expect(await subject.keys(`${folder}/`)).toEqual([]);
  });

  it('keeps two uploads of the same blob apart', async () => {
    const subject = use();
    const digest = parseDigest(`sha256:${'e3'.repeat(32)}`);
    const ids = ['one', 'two'].map((id) => objectKey(`${subject.folder()}/${keyOfBlob(digest, id)}`));
    await Promise.all(ids.map((key) => subject.driver.put(key, Buffer.from('same'))));
    const [first, second] = ids;
    if (first === undefined || second === undefined) throw new Error('unreachable');
    await subject.driver.delete([first]);
    expect(String(await subject.content(second))).toBe('same');
  });
}
