import { type Digest, digestAlgorithm } from '@longshore/oci';
import type { ObjectKey, StorageDriver } from '@longshore/storage';
import { algorithmOfState, type Digester, nativeDigester, resumableDigester } from './upload-digester.ts';

/** The session's memory of its bytes: a finished digest, a hash state that can continue, both, or neither. */
export interface HashedSoFar {
  readonly digestSoFar: Digest | undefined;
  readonly hashState: Uint8Array | undefined;
}

/** The digesters for the bytes of one request. The first one provides the session's digest and state. */
export interface DigestPlan {
  readonly digesters: readonly Digester[];
}

/**
 * Chooses the digesters of a request. A body that starts a session is usually the whole blob. It is hashed natively, in the algorithm that the client
 * named, or sha256. A chunk of a longer upload continues the saved state. Without one, the bytes are reread at the end.
 */
export async function planDigest(
  session: HashedSoFar & { offset: number },
  request: { chunked: boolean; algorithm: 'sha256' | 'sha512' },
): Promise<DigestPlan> {
  if (session.offset === 0 && !request.chunked) return { digesters: [nativeDigester(request.algorithm)] };
  if (session.offset === 0) return { digesters: present(await resumableDigester(request.algorithm)) };
  const saved = session.hashState;
  const algorithm = saved === undefined ? undefined : algorithmOfState(saved);
  if (saved === undefined || algorithm === undefined) return { digesters: [] };
  return { digesters: present(await resumableDigester(algorithm, saved)) };
}

/** Returns the digest and the state to save after a request's bytes are stored. */
export function hashedSoFar(before: HashedSoFar, { digesters }: DigestPlan, received: number): HashedSoFar {
  if (received === 0) return before;
  const [digester] = digesters;
  if (digester === undefined) return { digestSoFar: undefined, hashState: undefined };
  const hashState = digester.state();
  return { digestSoFar: digester.digest(), hashState };
}

/**
 * Returns the digest of a session's bytes in the requested algorithm. Rereads the bytes if the session does not know it. A store that does not rename
 * may not show the bytes before their commit, so they are committed first; nobody sees that, since no blob has this key yet.
 */
export async function closingDigest(
  driver: StorageDriver,
  session: HashedSoFar & { key: ObjectKey; offset: number; driverState: string | null },
  { wanted, signal }: { wanted: Digest; signal: AbortSignal },
): Promise<Digest> {
  const { digestSoFar, key, offset, driverState: state } = session;
  const algorithm = digestAlgorithm(wanted);
  if (digestSoFar !== undefined && digestAlgorithm(digestSoFar) === algorithm) return digestSoFar;
  const digester = nativeDigester(algorithm);
  if (offset > 0) {
    if (!driver.capabilities.renames) await driver.commit({ key, offset, state }, key);
    const stored: AsyncIterable<Uint8Array> = await driver.read(key, { start: 0, end: offset - 1, signal });
    for await (const chunk of stored) digester.update(chunk);
  }
  return digester.digest();
}

function present(digester: Digester | undefined): readonly Digester[] {
  return digester === undefined ? [] : [digester];
}
