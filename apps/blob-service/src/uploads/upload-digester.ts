import { createHash, type Hash } from 'node:crypto';
import { type Digest, digestAlgorithm, parseDigest } from '@longshore/oci';
import { createSHA256, createSHA512, type IHasher } from 'hash-wasm';

export type Algorithm = ReturnType<typeof digestAlgorithm>;

/** Hashes bytes as they pass. `state` is what another replica needs to go on; only a resumable digester has one. */
export interface Digester {
  readonly algorithm: Algorithm;
  update(chunk: Uint8Array): void;
  /** The digest of everything so far. Ends the digester. */
  digest(): Digest;
  /** Undefined when the hash cannot be exported. Call it before `digest`. */
  state(): Uint8Array | undefined;
}

/** OpenSSL's hash: fast (1.5 GB/s), but its state cannot leave the process. */
export function nativeDigester(algorithm: Algorithm): Digester {
  const hash: Hash = createHash(algorithm);
  return {
    algorithm,
    update: (chunk) => void hash.update(chunk),
    digest: () => parseDigest(`${algorithm}:${hash.digest('hex')}`),
    state: () => undefined,
  };
}

/** Version and algorithm stand before the state: bytes that another release wrote otherwise are never loaded (CVE-2026-32590). */
const stateVersion = 1;
const algorithmBytes: Record<Algorithm, number> = { sha256: 1, sha512: 2 };

/**
 * A hash whose state can be saved in the session row, so that chunks may go to different replicas.
 * @returns undefined when the saved state is not one of ours: the stored bytes must then be read and hashed again
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
    // hash-wasm checks length and build of the state; what it refuses is hashed again from the stored bytes.
    return false;
  }
}
