import { type FileHandle, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import type { ObjectKey } from '../../object-key.ts';
import {
  type Appended,
  type CallOptions,
  type DeleteResult,
  type ListOptions,
  type ObjectStat,
  type ReadOptions,
  StorageDriver,
  type Upload,
} from '../../storage-driver.ts';
import type { StoreSpace } from '../../store-space.ts';
import { byteRange } from '../../for-drivers/byte-range.ts';
import { checkByProbe } from '../../for-drivers/check-by-probe.ts';
import { appendDurably } from './append-durably.ts';
import { deleteFiles } from './delete-files.ts';
import { DirectoryTree, refuseLinks } from './directory-tree.ts';
import { codeOf, filesystem, readError, refusal, writeError } from './file-error.ts';
import { FileReadable } from './file-readable.ts';
import type { FilesystemParameters } from './filesystem-parameters.ts';
import { cutAt, fileAt, openForReading, openForWriting, synced, unlessAbsent } from './open-file.ts';
import { removeUnfinished, unfinishedKey } from './unfinished-files.ts';
import { walkFiles } from './walk-files.ts';

/** Attempts of a writer to place a file while deleters remove its directory, which is empty until then. */
const placements = 20;

/**
 * Stores objects as files below one directory. Machines may share the directory if rename is atomic and a reader sees what another machine wrote and
 * closed. An upload is a file at its key, so its bytes are readable before the commit; the commit renames the file. Files and directories are synced
 * before anything is acknowledged.
 */
export class FilesystemDriver extends StorageDriver {
  override readonly name = filesystem;
  override readonly capabilities = { renames: true, minimumChunk: 1, redirects: false } as const;
  readonly #tree: DirectoryTree;

  constructor({ rootdirectory }: Pick<FilesystemParameters, 'rootdirectory'>) {
    super();
    this.#tree = new DirectoryTree(rootdirectory);
  }

  override async stat(key: ObjectKey): Promise<ObjectStat> {
    try {
      return await this.#found(key);
    } catch (error) {
      throw readError(error, key);
    }
  }

  override async read(key: ObjectKey, { signal, ...range }: ReadOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    let handle;
    try {
      const path = await this.#tree.path(key);
      handle = await openForReading(path);
      const [found] = await Promise.all([handle.stat(), refuseLinks(dirname(path))]);
      if (!found.isFile()) throw refusal('absent', 'not a file', key);
      signal?.throwIfAborted();
      const stream = new FileReadable(handle, key, byteRange(range, found.size, { driver: filesystem, key }));
      return signal === undefined ? stream : addAbortSignal(signal, stream);
    } catch (error) {
      await handle?.close();
      signal?.throwIfAborted();
      throw readError(error, key);
    }
  }

  override async put(key: ObjectKey, bytes: Uint8Array, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    let unfinished: string | undefined;
    try {
      unfinished = await this.#placed(unfinishedKey(), async (path) => {
        const handle = await openForWriting(path, 'new');
        await synced(handle, () => handle.writeFile(bytes));
        return path;
      });
      signal?.throwIfAborted();
      await this.#tree.settle(await this.#moved(unfinished, key));
    } catch (error) {
      if (unfinished !== undefined) await rm(unfinished, { force: true });
      signal?.throwIfAborted();
      throw writeError(error, key);
    }
  }

  override async append(
    upload: Upload,
    source: AsyncIterable<Uint8Array>,
    { signal }: CallOptions = {},
  ): Promise<Appended> {
    const { key, offset } = upload;
    signal?.throwIfAborted();
    try {
      const { handle, path } = await this.#opened(upload);
      const written = await appendDurably(handle, upload, source, signal);
      if (offset === 0) await this.#tree.settle(path);
      return { state: null, ...written };
    } catch (error) {
      signal?.throwIfAborted();
      throw writeError(error, key);
    }
  }

  override async commit(upload: Upload, finalKey: ObjectKey): Promise<void> {
    const { key, offset } = upload;
    try {
      const stored = await this.#sizeOf(key);
      const isMoved = stored === undefined && key !== finalKey && (await this.#isWhole(finalKey, offset));
      if (!isMoved) {
        await this.#cut(upload, stored);
        if (key !== finalKey) await this.#movedOnce(upload, finalKey);
      }
      await this.#tree.settle(await this.#tree.path(finalKey));
      // Sync the old directory after the new one: a power cut between the two leaves both names, never none.
      if (key !== finalKey) await this.#tree.sync(dirname(await this.#tree.path(key)));
    } catch (error) {
      throw writeError(error, key);
    }
  }

  override delete(keys: readonly ObjectKey[]): Promise<DeleteResult> {
    return deleteFiles(this.#tree, keys);
  }

  override async *list(
    prefix: string,
    { startAfter = '', signal }: ListOptions = {},
  ): AsyncGenerator<ObjectStat> {
    try {
      const root = await unlessAbsent(this.#tree.root());
      if (root === undefined) return;
      for await (const key of walkFiles({ root, prefix, startAfter })) {
        signal?.throwIfAborted();
        const found = await unlessAbsent(this.#found(key));
        if (found !== undefined) yield found;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw readError(error);
    }
  }

  override redirect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  override async check({ signal }: CallOptions = {}): Promise<void> {
    await checkByProbe(this, signal);
    try {
      await removeUnfinished(await this.#tree.root());
    } catch (error) {
      throw writeError(error);
    }
  }

  override async space(): Promise<StoreSpace | undefined> {
    const root = await unlessAbsent(this.#tree.root());
    if (root === undefined) return undefined;
    try {
      const { bavail, blocks, bsize } = await statfs(root);
      return { free: bavail * bsize, total: blocks * bsize };
    } catch (error) {
      throw readError(error);
    }
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  async #found(key: ObjectKey): Promise<ObjectStat> {
    const { size, mtime } = await fileAt(await this.#tree.find(key), key);
    return { key, size, modifiedAt: mtime };
  }

  async #sizeOf(key: ObjectKey): Promise<number | undefined> {
    return (await unlessAbsent(this.#found(key)))?.size;
  }

  async #isWhole(key: ObjectKey, size: number): Promise<boolean> {
    const found = await this.#sizeOf(key);
    if (found !== undefined && found !== size)
      throw refusal('corrupt', `${found} bytes were committed of ${size}`, key);
    return found !== undefined;
  }

  /** Opens the upload's file. Before the first byte, creates it and its directory. */
  async #opened({ key, offset }: Upload): Promise<{ handle: FileHandle; path: string }> {
    if (offset === 0)
      return this.#placed(key, async (path) => ({ handle: await openForWriting(path, 'made'), path }));
    try {
      const path = await this.#tree.find(key);
      return { handle: await openForWriting(path, 'existing'), path };
    } catch (error) {
      throw readError(error, key);
    }
  }

  /** Cuts the upload's file to the acknowledged bytes. Creates the file of an upload that never had a byte. */
  async #cut(upload: Upload, stored: number | undefined): Promise<void> {
    const { key, offset } = upload;
    if (stored === offset) return;
    const { handle } = await this.#opened(upload);
    await synced(handle, () => cutAt(handle, offset, key));
  }

  /** Renames the upload's file, unless a concurrent call of the same commit has already renamed it. */
  async #movedOnce({ key, offset }: Upload, finalKey: ObjectKey): Promise<void> {
    try {
      await this.#moved(await this.#tree.path(key), finalKey);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || !(await this.#isWhole(finalKey, offset))) throw error;
    }
  }

  #moved(from: string, key: ObjectKey): Promise<string> {
    return this.#placed(key, async (path) => {
      await rename(from, path);
      return path;
    });
  }

  /** Places a file in its directory. A deleter may remove the empty directory in between; then it is created again. */
  async #placed<T>(key: string, place: (path: string) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await place(await this.#tree.makeFor(key));
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || attempt === placements) throw error;
      }
    }
  }
}
