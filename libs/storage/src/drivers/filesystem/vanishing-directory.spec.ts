import { mkdtempSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objectKey } from '../../object-key.ts';
import { inChunks } from '../../testing/bytes.ts';
import { codeOf } from './file-error.ts';
import { FilesystemDriver } from './filesystem-driver.ts';

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'vanishing-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Removes these directories whenever they are empty, as the deletions of other processes do. It stops after `removals` removals. */
class Pruner {
  readonly #directories: readonly string[];
  #left = 0;
  #isStopped = false;
  removed = 0;

  constructor(directories: readonly string[]) {
    this.#directories = directories;
    this.#turn();
  }

  allow(removals: number): void {
    this.#left = removals;
  }

  stop(): void {
    this.#isStopped = true;
  }

  #turn(): void {
    for (const directory of this.#directories) if (this.#left > 0) this.#remove(directory);
    if (!this.#isStopped) setImmediate(() => this.#turn());
  }

  #remove(directory: string): void {
    try {
      rmdirSync(directory);
      this.#left--;
      this.removed++;
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY'].includes(codeOf(error) ?? '')) throw error;
    }
  }
}

describe('FilesystemDriver beside deleters that remove empty directories', () => {
  it('puts, appends and commits while its directories are removed', { timeout: 60_000 }, async () => {
    const driver = new FilesystemDriver({ rootdirectory: root });
    const pruner = new Pruner(['a/b/c', 'a/b', 'u/v'].map((path) => join(root, path)));
    for (let round = 0; round < 60; round++) {
      pruner.allow(4);
      const [put, begun, final] = [`a/b/c/put-${round}`, `u/v/${round}`, `a/b/c/final-${round}`].map((text) =>
        objectKey(text),
      );
      if (put === undefined || begun === undefined || final === undefined) throw new Error('unreachable');
      const upload = { key: begun, offset: 0, state: null };
      await driver.put(put, Buffer.from('x'));
      await driver.delete([put]);
      pruner.allow(4);
      const appended = await driver.append(upload, inChunks(Buffer.from('abc')));
      pruner.allow(4);
      await driver.commit({ ...upload, ...appended }, final);
      expect(await driver.stat(final)).toMatchObject({ size: 3 });
      expect(await driver.delete([final])).toEqual({ gone: [final], failed: [] });
    }
    pruner.stop();
    expect(pruner.removed).toBeGreaterThan(0);
  });
});
