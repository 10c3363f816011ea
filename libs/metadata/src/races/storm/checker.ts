import { isDigest } from '@longshore/oci';
import type { Lookups } from '../../lookups/lookups.ts';
import type { Db } from '../../transact.ts';
import { layersOf } from './contents.ts';
import { readVerified } from './damage.ts';
import type { Kept } from './pusher.ts';

export interface Store {
  readonly db: Db;
  readonly lookups: Lookups;
  readonly objects: ReadonlyMap<string, Buffer>;
}

/** The outcome of a pull by tag. */
export type Pulled =
  | { readonly kind: 'whole' }
  /** The pull was refused, or its answer was cut. Bytes that do not match the digest never complete. */
  | { readonly kind: 'damaged'; readonly what: string }
  /** An acknowledged manifest is missing or differs from the push. Damage to an object does not excuse that. */
  | { readonly kind: 'wrong'; readonly what: string };

export async function pull(
  { db, lookups, objects }: Store,
  { repository, tag, image, moved }: Kept,
): Promise<Pulled> {
  const reference = moved
    ? ({ kind: 'digest', digest: image.digest } as const)
    : ({ kind: 'tag', tag } as const);
  const manifest = await lookups.manifest({ repository, reference });
  if (typeof manifest === 'string') return { kind: 'wrong', what: `${repository}:${tag} is ${manifest}` };
  if (!manifest.payload.equals(image.payload))
    return { kind: 'wrong', what: `${repository}:${tag} has other bytes` };
  const layers = await Promise.all(
    layersOf(manifest.payload).map(async (digest) => {
      if (!isDigest(digest)) return `${repository}:${tag} names ${digest}`;
      const blob = await lookups.blob({ repository, digest });
      if (typeof blob === 'string') return `${repository}:${tag} lacks ${digest}: ${blob}`;
      const read = await readVerified(db, objects, { digest, storageKey: blob.storageKey });
      return read === 'whole' ? undefined : `${repository}:${tag} lacks the object ${blob.storageKey}`;
    }),
  );
  const what = layers.find((problem) => problem !== undefined);
  return what === undefined ? { kind: 'whole' } : { kind: 'damaged', what };
}
