import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { type ObjectKey, objectKey } from '../../object-key.ts';
import { type Appended, type DeleteResult, type ObjectStat, type ReadOptions, StorageDriver, type Upload } from '../../storage-driver.ts';
import { StorageError } from '../../storage-error.ts';
import { appendFile } from './append-file.ts';
import { makeDurableDirectory, removeEmptyParents, syncDirectory } from './durable-directory.ts';
import { codeOf, fileError } from './file-error.ts';

/** Bytes that one read of a file asks for. */
const readSize = 512 * 1024;
const renameAttempts = 5;

export interface FilesystemParameters {
  readonly rootdirectory: string;
}

/** Objects as files below one directory, which may be shared between machines if rename is atomic there. */
export class FilesystemDriver extends StorageDriver {
  override readonly name = 'filesystem';
  override readonly capabilities = { renames: true, minimumChunk: 1, redirects: false } as const;
  readonly #root: string;

  constructor({ rootdirectory }: FilesystemParameters) {
    super();
    this.#root = resolve(rootdirectory);
  }

  override async stat(key: ObjectKey): Promise<ObjectStat> {
    try {
      const found = await stat(this.#path(key));
      if (!found.isFile()) throw new StorageError('absent', { driver: this.name, key });
      return { key, size: found.size, modifiedAt: found.mtime };
    } catch (error) {
      throw fileError(error, key);
    }
  }

  override async read(key: ObjectKey, { start = 0, end, signal }: ReadOptions = {}): Promise<Readable> {
    try {
      const handle = await open(this.#path(key), constants.O_RDONLY | constants.O_NOFOLLOW);
      const found = await handle.stat();
      if (!found.isFile() || start > found.size) {
        await handle.close();
        throw new StorageError(found.isFile() ? 'invalid-range' : 'absent', { driver: this.name, key });
      }
      const range = end === undefined ? {} : { end };
      if (start === found.size || (end !== undefined && end < start)) {
        await handle.close();
        return Readable.from([]);
      }
      return handle.createReadStream({ start, ...range, highWaterMark: readSize, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      throw fileError(error, key);
    }
  }

  override async put(key: ObjectKey, bytes: Uint8Array): Promise<void> {
    const path = this.#path(key);
    const unfinished = `${path}.${randomUUID()}`;
    try {
      await makeDurableDirectory(dirname(path));
      await appendFile(unfinished, 0, single(bytes));
      await rename(unfinished, path);
      await syncDirectory(dirname(path));
    } catch (error) {
      await rm(unfinished, { force: true });
      throw fileError(error, key);
    }
  }

  override async append({ key, offset }: Upload, source: AsyncIterable<Uint8Array>): Promise<Appended> {
    const path = this.#path(key);
    try {
      if (offset === 0) await makeDurableDirectory(dirname(path));
      const written = await appendFile(path, offset, source);
      if (offset === 0) await syncDirectory(dirname(path));
      return { state: null, ...written };
    } catch (error) {
      throw fileError(error, key);
    }
  }

  override async commit({ key, offset }: Upload, finalKey: ObjectKey): Promise<void> {
    const from = this.#path(key);
    const to = this.#path(finalKey);
    try {
      // Also makes the file of an empty blob, and cuts what a failed append left beyond the acknowledged bytes.
      if (offset === 0 || (await stat(from)).size > offset) await this.append({ key, offset, state: null }, nothing());
      if (key !== finalKey) await this.#rename(from, to);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || !(await isThere(to))) throw fileError(error, key);
    }
  }

  override async abort(key: ObjectKey): Promise<void> {
    try {
      await this.#remove(key);
    } catch (error) {
      throw fileError(error, key);
    }
  }

  override async delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    const gone: ObjectKey[] = [];
    const failed: { key: ObjectKey; error: StorageError }[] = [];
    for (const key of keys) {
      try {
        await this.#remove(key);
        gone.push(key);
      } catch (error) {
        failed.push({ key, error: fileError(error, key) });
      }
    }
    return { gone, failed };
  }

  override async *list(prefix: string, { startAfter = '' }: { startAfter?: string } = {}): AsyncIterable<ObjectStat> {
    for await (const key of this.#walk('', prefix)) {
      if (key > startAfter) {
        const found = await stat(join(this.#root, key));
        yield { key: objectKey(key), size: found.size, modifiedAt: found.mtime };
      }
    }
  }

  override redirect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  override async check(): Promise<void> {
    const probe = objectKey(`probe-${randomUUID()}`);
    await this.put(probe, Buffer.from('probe'));
    await this.abort(probe);
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  #path(key: ObjectKey): string {
    return join(this.#root, key);
  }

  /** A sweeper may remove the empty parent between the making and the rename; then it is made again. */
  async #rename(from: string, to: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await makeDurableDirectory(dirname(to));
      try {
        await rename(from, to);
        break;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || attempt === renameAttempts || !(await isThere(from))) throw error;
      }
    }
    await Promise.all([syncDirectory(dirname(to)), syncDirectory(dirname(from))]);
  }

  async #remove(key: ObjectKey): Promise<void> {
    const path = this.#path(key);
    await rm(path, { force: true });
    if (key.startsWith('blobs/')) await removeEmptyParents(path, this.#root);
  }

  /** Depth first; a directory sorts as its name with a slash, which is how its keys sort. */
  async *#walk(below: string, prefix: string): AsyncIterable<string> {
    let entries;
    try {
      entries = await readdir(join(this.#root, below), { withFileTypes: true });
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw fileError(error, below);
    }
    const names = entries.map((entry) => ({ name: `${below}${entry.name}${entry.isDirectory() ? '/' : ''}`, entry }));
    names.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, entry } of names) {
      const relevant = name.startsWith(prefix) || prefix.startsWith(name);
      if (relevant && entry.isDirectory()) yield* this.#walk(name, prefix);
      else if (name.startsWith(prefix) && entry.isFile()) yield name;
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
