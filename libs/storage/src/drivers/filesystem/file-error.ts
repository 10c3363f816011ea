import { StorageError, type StorageErrorKind } from '../../storage-error.ts';

export const filesystem = 'filesystem';

const kinds: Readonly<Record<string, StorageErrorKind>> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'read-only',
  ELOOP: 'denied',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  EMFILE: 'throttled',
  ENFILE: 'throttled',
  EAGAIN: 'throttled',
  ENAMETOOLONG: 'invalid-path',
};

/** For writers: an object lies where the key needs a directory, or a directory lies at the key. The store cannot hold such a key. */
const writerKinds: Readonly<Record<string, StorageErrorKind>> = {
  ...kinds,
  ENOTDIR: 'invalid-path',
  EISDIR: 'invalid-path',
  EEXIST: 'invalid-path',
  ENOTEMPTY: 'invalid-path',
};

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Translates the kernel's error for a reader. A code outside the table (EIO, ESTALE, ETIMEDOUT, EXDEV) becomes `unavailable`. */
export function readError(error: unknown, key?: string): StorageError {
  return named(kinds, error, key);
}

export function writeError(error: unknown, key?: string): StorageError {
  return named(writerKinds, error, key);
}

export function refusal(kind: StorageErrorKind, reason: string, key?: string): StorageError {
  return new StorageError(kind, { driver: filesystem, key, reason });
}

function named(
  table: Readonly<Record<string, StorageErrorKind>>,
  error: unknown,
  key: string | undefined,
): StorageError {
  if (error instanceof StorageError) return error;
  const code = codeOf(error);
  const kind = table[code ?? ''] ?? 'unavailable';
  const patience = kind === 'throttled' ? { retryAfterSeconds: 1 } : {};
  return new StorageError(kind, { driver: filesystem, key, reason: code, ...patience, cause: error });
}
