import { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Returns the content of a file, or undefined if there is none. */
export function contentOf(path: string): string | undefined {
  return unlessMissing(() => readFileSync(path, 'utf8'));
}

/** Replaces a file that only its owner may read. A symbolic link stays, and leads to the new content. */
export function replaceFile(path: string, content: string): void {
  const target = unlessMissing(() => realpathSync(path)) ?? path;
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const next = `${target}.${process.pid}`;
  writeFileSync(next, content, { mode: 0o600 });
  renameSync(next, target);
}

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
