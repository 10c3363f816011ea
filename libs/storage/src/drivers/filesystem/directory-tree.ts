import { lstat, mkdir, realpath, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ObjectKey } from '../../object-key.ts';
import { DirectorySync } from './directory-sync.ts';
import { codeOf, refusal } from './file-error.ts';
import { makeDirectories } from './make-directories.ts';

/** Directories remembered as durable; about 200 bytes each. */
const remembered = 4096;

/**
 * The directories below one root: made on demand, durable before they are relied on, removed when they are empty. Several processes may do all
 * of that at once on the same root. The root may be reached by a symbolic link; below it none is followed.
 */
export class DirectoryTree {
  readonly #configured: string;
  readonly #syncs: Pick<DirectorySync, 'sync'>;
  /** The identity a directory had when its entry in its parent was made durable. */
  readonly #durable = new Map<string, string>();
  #real: Promise<string> | undefined;

  constructor(root: string, syncs: Pick<DirectorySync, 'sync'> = new DirectorySync()) {
    this.#configured = resolve(root);
    this.#syncs = syncs;
  }

  /** The root as the kernel names it. @throws ENOENT before it is made */
  async root(): Promise<string> {
    this.#real ??= realpath(this.#configured);
    try {
      return await this.#real;
    } catch (error) {
      this.#real = undefined;
      throw error;
    }
  }

  /** Where a key's file lies, in a directory that is there and is no link's. @throws ENOENT; StorageError 'denied' */
  async find(key: ObjectKey): Promise<string> {
    const path = join(await this.root(), key);
    await refuseLinks(dirname(path));
    return path;
  }

  /** The same without looking: for a file that is opened first and questioned after. */
  async path(key: string): Promise<string> {
    return join(await this.root(), key);
  }

  /** The same, for a writer: the directory is made if it is missing. */
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
   * Makes a file's entry survive a power cut, with the entries of all directories above it. Called when the file is in its place: it keeps
   * them from being removed, so a directory that is known with the same identity needs no further look at those above it. One that another
   * process has just made is synced here, too, whoever made it.
   */
  async settle(path: string): Promise<void> {
    const root = await this.root();
    try {
      await this.#syncs.sync(dirname(path));
      for (let directory = dirname(path); directory !== root; directory = dirname(directory)) {
        if (await this.#isDurable(directory)) return;
      }
    } catch (error) {
      // Somebody has deleted the object and then its directory: nothing is left that could be lost.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Removes what is empty from a directory upwards, and makes that durable. Directories right below the root stay. */
  async prune(directory: string): Promise<void> {
    const root = await this.root();
    const isRemovable = (path: string): boolean => path !== root && dirname(path) !== root;
    let left = directory;
    // A folder is empty only when the one below it is gone.
    while (isRemovable(left) && (await isRemoved(left))) left = dirname(left);
    await this.sync(left);
  }

  /** Makes the entries of a directory durable. One that is gone meanwhile was pruned, and whoever did that made it durable. */
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
      // A pruner may have been faster than we: whoever wanted the directory finds it missing, and asks again.
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

/** An inode's number is used again after it is freed; its time of birth tells the two apart. */
async function identityOf(directory: string): Promise<string> {
  const { dev, ino, birthtimeNs } = await lstat(directory, { bigint: true });
  return `${dev}:${ino}:${birthtimeNs}`;
}

/** @throws StorageError 'denied' when a link stands somewhere in the directory's path: whoever planted it may read and write elsewhere. */
export async function refuseLinks(directory: string): Promise<void> {
  let real;
  try {
    real = await realpath(directory);
  } catch (error) {
    // The directory may have been pruned and made anew; a link that leads nowhere is one all the same.
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

/** rmdir and a concurrent rename into the directory exclude each other in the kernel: a directory that got a file stays. */
async function isRemoved(directory: string): Promise<boolean> {
  try {
    await rmdir(directory);
    return true;
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return true;
    // Not empty, a mount point, or not ours to remove: an empty directory is no object.
    if (['ENOTEMPTY', 'EEXIST', 'EBUSY', 'EACCES', 'EPERM'].includes(code)) return false;
    throw error;
  }
}
