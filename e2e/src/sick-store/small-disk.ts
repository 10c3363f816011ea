import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

export const mebibyte = 1024 * 1024;

/** Mounts an empty file system of this size, in memory, over a folder. */
export function mount(folder: string, mebibytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'longshore-e2e', folder]);
}

export function unmount(folder: string): void {
  execFileSync('umount', [folder]);
}

/** Writes a file until its disk, which has no more than this size, is full. */
export function fill(path: string, mebibytes: number): void {
  try {
    writeFileSync(path, Buffer.alloc(mebibytes * mebibyte));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
