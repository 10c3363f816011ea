import { createHash, type Hash } from 'node:crypto';
import { type Digest, digestAlgorithm, parseDigest } from '@longshore/oci';
import { createSHA256, createSHA512, type IHasher } from 'hash-wasm';

export type Algorithm = ReturnType<typeof digestAlgorithm>;

/** Hashes bytes as they pass. Another replica can continue from `state`; only a resumable digester has one. */
export interface Digester {
  readonly algorithm: Algorithm;
  update(chunk: Uint8Array): void;
  /** Returns the digest of everything so far, and ends the digester. */
  digest(): Digest;
  /** Returns the state, or undefined if the hash cannot be exported. Call it before `digest`. */
  state(): Uint8Array | undefined;
}

/** Hashes with OpenSSL, which is fast (1.5 GB/s), but its state cannot leave the process. */
export function nativeDigester(algorithm: Algorithm): Digester {
  const hash: Hash = createHash(algorithm);
  return {
    algorithm,
    update: (chunk) => void hash.update(chunk),
    digest: () => parseDigest(`${algorithm}:${hash.digest('hex')}`),
    state: () => undefined,
  };
}

/** Version and algorithm precede the state, so bytes that another release wrote differently are never loaded (CVE-2026-32590). */
const stateVersion = 1;
const algorithmBytes: Record<Algorithm, number> = { sha256: 1, sha512: 2 };

/**
 * Creates a hash whose state can be saved in the session row, so that chunks may go to different replicas.
 * @returns undefined if the saved state is not one of ours; the stored bytes must then be reread and hashed
 */
export async function resumableDigester(
  algorithm: Algorithm,
  saved?: Uint8Array,
): Promise<Digester | undefined> {
  const hasher = await (algorithm === 'sha256' ? createSHA256() : createSHA512());
  if (saved === undefined) hasher.init();
  else if (!load(hasher, algorithm, saved)) return undefined;
  return {
    algorithm,
    update: (chunk) => void hasher.update(chunk),
    digest: () => parseDigest(`${algorithm}:${hasher.digest('hex')}`),
    state: () => Buffer.concat([Buffer.of(stateVersion, algorithmBytes[algorithm]), hasher.save()]),
  };
}

export function algorithmOfState(saved: Uint8Array): Algorithm | undefined {
  return saved[0] !== stateVersion
    ? undefined
    : saved[1] === 1
      ? 'sha256'
      : saved[1] === 2
        ? 'sha512'
        : undefined;
}

function load(hasher: IHasher, algorithm: Algorithm, saved: Uint8Array): boolean {
  if (algorithmOfState(saved) !== algorithm) return false;
  try {
    hasher.load(saved.subarray(2));
    return true;
  } catch {
    // hash-wasm checks the length and build of the state. If it refuses the state, the stored bytes are hashed again.
    return false;
  }
}
