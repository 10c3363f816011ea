import { StorageError, type StorageErrorKind } from '../../storage-error.ts';

const kinds: Readonly<Record<string, StorageErrorKind>> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  EISDIR: 'absent',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ELOOP: 'denied',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EMFILE: 'throttled',
  ENFILE: 'throttled',
};

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What the kernel said, in the drivers' common words. */
export function fileError(error: unknown, key?: string): StorageError {
  if (error instanceof StorageError) return error;
  const kind = kinds[codeOf(error) ?? ''] ?? 'unavailable';
  return new StorageError(kind, { driver: 'filesystem', ...(key === undefined ? {} : { key }), cause: error });
}
