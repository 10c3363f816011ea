import { lstat, mkdir, realpath, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ObjectKey } from '../../object-key.ts';
import { DirectorySync } from './directory-sync.ts';
import { codeOf, refusal } from './file-error.ts';
import { makeDirectories } from './make-directories.ts';

/** Directories remembered as durable; about 200 bytes each. */
const remembered = 4096;

/**
 * The directories below one root. They are created on demand, durable before they are relied on, and removed when they are empty. Several processes
 * may do this concurrently on the same root. The root may be a symbolic link; links below it are not followed.
 */
export class DirectoryTree {
  readonly #configured: string;
  readonly #syncs: Pick<DirectorySync, 'sync'>;
  /** The identity that a directory had when its entry in the parent became durable. */
  readonly #durable = new Map<string, string>();
  #real: Promise<string> | undefined;

  constructor(root: string, syncs: Pick<DirectorySync, 'sync'> = new DirectorySync()) {
    this.#configured = resolve(root);
    this.#syncs = syncs;
  }

  /** Returns the real path of the root. @throws ENOENT before it is created */
  async root(): Promise<string> {
    this.#real ??= realpath(this.#configured);
    try {
      return await this.#real;
    } catch (error) {
      this.#real = undefined;
      throw error;
    }
  }

  /** Returns the path of a key's file. The directory exists and no link leads to it. @throws ENOENT; StorageError 'denied' */
  async find(key: ObjectKey): Promise<string> {
    const path = join(await this.root(), key);
    await refuseLinks(dirname(path));
    return path;
  }

  /** Returns the same path without checking it, for a caller that opens the file first and checks afterwards. */
  async path(key: string): Promise<string> {
    return join(await this.root(), key);
  }

  /** Returns the same path for a writer. Creates the directory if it is missing. */
  async makeFor(key: string): Promise<string> {
    const path = join(await this.#madeRoot(), key);
    try {
      await refuseLinks(dirname(path));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await this.#make(dirname(path));
    }
    return path;
  }

  /**
   * Makes the entry of a file, and of all directories above it, survive a power cut. Call it when the file is in its place: the file keeps its
   * directories from being removed. The walk upwards therefore ends at the first directory whose identity is known to be durable. Directories that
   * another process has just created are synced here too.
   */
  async settle(path: string): Promise<void> {
    const root = await this.root();
    try {
      await this.#syncs.sync(dirname(path));
      for (let directory = dirname(path); directory !== root; directory = dirname(directory)) {
        if (await this.#isDurable(directory)) return;
      }
    } catch (error) {
      // The object and its directory were deleted meanwhile: nothing is left to make durable.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Removes empty directories from this one upwards, and makes the removal durable. Directories right below the root stay. */
  async prune(directory: string): Promise<void> {
    const root = await this.root();
    const isRemovable = (path: string): boolean => path !== root && dirname(path) !== root;
    let left = directory;
    // One after the other: a directory is empty only after the one below it is gone.
    while (isRemovable(left) && (await isRemoved(left))) left = dirname(left);
    await this.sync(left);
  }

  /** Makes the entries of a directory durable. If the directory is gone, another process pruned it and made that durable. */
  async sync(directory: string): Promise<void> {
    try {
      await this.#syncs.sync(directory);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  async #madeRoot(): Promise<string> {
    try {
      return await this.root();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    const first = await makeDirectories(this.#configured);
    const top = first === undefined ? this.#configured : first;
    for (let made = this.#configured; made.length >= top.length; made = dirname(made)) {
      await this.#syncs.sync(dirname(made));
    }
    return this.root();
  }

  async #make(directory: string): Promise<void> {
    if (directory === (await this.root())) return;
    try {
      await refuseLinks(dirname(directory));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await this.#make(dirname(directory));
    }
    try {
      await mkdir(directory);
    } catch (error) {
      // A concurrent pruner removed the parent. The caller then finds the directory missing and retries.
      if (codeOf(error) === 'ENOENT') return;
      if (codeOf(error) !== 'EEXIST') throw error;
      await refuseLinks(directory);
    }
  }

  async #isDurable(directory: string): Promise<boolean> {
    const identity = await identityOf(directory);
    if (this.#durable.get(directory) === identity) return true;
    await this.#syncs.sync(dirname(directory));
    if (this.#durable.size >= remembered) this.#durable.clear();
    this.#durable.set(directory, identity);
    return false;
  }
}

/** Identifies a directory. An inode number is reused after it is freed, so the birth time is part of the identity. */
async function identityOf(directory: string): Promise<string> {
  const { dev, ino, birthtimeNs } = await lstat(directory, { bigint: true });
  return `${dev}:${ino}:${birthtimeNs}`;
}

/** Refuses a path that contains a symbolic link: a link can lead out of the root. @throws StorageError 'denied'; ENOENT */
export async function refuseLinks(directory: string): Promise<void> {
  let real;
  try {
    real = await realpath(directory);
  } catch (error) {
    // The path is missing, or it ends in a dangling link, which is refused as well.
    if (codeOf(error) === 'ENOENT' && (await isLink(directory))) throw linked(directory);
    throw error;
  }
  if (real !== directory) throw linked(directory);
}

function linked(directory: string): Error {
  return refusal('denied', `a symbolic link in the path of ${directory}`);
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Removes an empty directory. In the kernel rmdir excludes a concurrent rename into the directory, so a directory that got a file stays. */
async function isRemoved(directory: string): Promise<boolean> {
  try {
    await rmdir(directory);
    return true;
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return true;
    // The directory is not empty, is a mount point, or may not be removed. An empty directory is harmless: it is not an object.
    if (['ENOTEMPTY', 'EEXIST', 'EBUSY', 'EACCES', 'EPERM'].includes(code)) return false;
    throw error;
  }
}
