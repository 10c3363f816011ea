import { createHash, randomBytes } from 'node:crypto';

/** Returns the digest of bytes, as registries write it. */
export function digestOf(bytes: Uint8Array | string, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** Returns bytes that no other test has pushed. */
export function uniqueBytes(length: number): Buffer {
  return randomBytes(length);
}

let count = 0;
const run = randomBytes(3).toString('hex');

/** Returns the name of a repository that only this test uses, even if suites run again on the same registry. */
export function uniqueRepository(topic: string): string {
  count += 1;
  return `e2e/${topic}-${run}-${count}`;
}
