import { type Digest, digestAlgorithm } from '@longshore/oci';
import type { ObjectKey, StorageDriver } from '@longshore/storage';
import { algorithmOfState, type Digester, nativeDigester, resumableDigester } from './upload-digester.ts';

/** What a session remembers of the bytes it has: a finished digest, a hash that can go on, both, or neither. */
export interface HashedSoFar {
  readonly digestSoFar: Digest | undefined;
  readonly hashState: Uint8Array | undefined;
}

/** The digesters that see the bytes of one request, and which of them will tell what about the session. */
export interface DigestPlan {
  readonly digesters: readonly Digester[];
}

/**
 * A body that starts a session is most often the whole blob: it is hashed natively, in the algorithm the client named, else sha256.
 * A chunk of a longer upload goes on with the saved state; where there is none its bytes are read again at the end.
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

/** What to write down after a request's bytes are stored. A body that broke off has a state but no final digest. */
export function hashedSoFar(before: HashedSoFar, { digesters }: DigestPlan, received: number): HashedSoFar {
  if (received === 0) return before;
  const [digester] = digesters;
  if (digester === undefined) return { digestSoFar: undefined, hashState: undefined };
  const hashState = digester.state();
  return { digestSoFar: digester.digest(), hashState };
}

/**
 * The digest of a session's bytes in the algorithm that the client asks for; reads them again when nothing remembers it. A store that does not
 * rename may not show them before they are committed there: then that comes first, and changes nothing for anybody, since no blob has this key yet.
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
