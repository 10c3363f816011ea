import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { codeOf, refusal } from './file-error.ts';

interface FoundFile {
  readonly size: number;
  readonly mtime: Date;
}

/** Flags of every open: do not follow a link, and do not wait for the other end of a FIFO that lies in the place of a file. */
const careful = constants.O_NOFOLLOW | constants.O_NONBLOCK;

export function openForReading(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | careful);
}

export function openForWriting(path: string, make: 'existing' | 'made' | 'new'): Promise<FileHandle> {
  const created = { existing: 0, made: constants.O_CREAT, new: constants.O_CREAT | constants.O_EXCL };
  return open(path, constants.O_WRONLY | careful | created[make], 0o644);
}

/** Returns the file at a path. @throws ENOENT; StorageError 'denied' for a link, 'absent' for a directory */
export async function fileAt(path: string, key: string): Promise<FoundFile> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) throw refusal('denied', 'a symbolic link', key);
  if (!found.isFile()) throw refusal('absent', 'not a file', key);
  return found;
}

/** Truncates a file to `offset` bytes. @throws StorageError 'corrupt' if the file is shorter */
export async function cutAt(handle: FileHandle, offset: number, key: string): Promise<void> {
  const found = await handle.stat();
  if (!found.isFile()) throw refusal('invalid-path', 'not a file', key);
  if (found.size < offset)
    throw refusal('corrupt', `${found.size} bytes are there of ${offset} acknowledged`, key);
  if (found.size > offset) await handle.truncate(offset);
}

/** Runs `work` on a file, then syncs the file's data. Closes the file in any case. */
export async function synced<T>(handle: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    const outcome = await work();
    await handle.datasync();
    return outcome;
  } finally {
    await handle.close();
  }
}

/** Returns the result of a lookup, or undefined if the file does not exist. */
export async function unlessAbsent<T>(lookup: Promise<T>): Promise<T | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return true;
  return error instanceof Error && 'kind' in error && error.kind === 'absent';
}
