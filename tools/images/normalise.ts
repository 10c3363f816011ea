import { chmodSync, lstatSync, lutimesSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Gives every entry the same time, and permissions independent of the checkout: same input, same digest. */
export function normalise(path: string, seconds: number): void {
  const found = lstatSync(path);
  if (found.isDirectory()) {
    for (const entry of readdirSync(path)) normalise(join(path, entry), seconds);
    chmodSync(path, (found.mode & 0o002) === 0 ? 0o755 : 0o1777);
  } else if (found.isFile()) chmodSync(path, (found.mode & 0o100) === 0 ? 0o644 : 0o755);
  lutimesSync(path, seconds, seconds);
}
