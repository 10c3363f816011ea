import { isDigest } from '@longshore/oci';
import type { Lookups } from '../../lookups/lookups.ts';
import { digestOf, layersOf } from './contents.ts';
import type { Kept } from './pusher.ts';

/** What a client that pulls by tag finds wrong with a push that was acknowledged; `undefined`: nothing. */
export async function pull(
  lookups: Lookups,
  objects: ReadonlyMap<string, Buffer>,
  { repository, tag, image, moved }: Kept,
): Promise<string | undefined> {
  const reference = moved
    ? ({ kind: 'digest', digest: image.digest } as const)
    : ({ kind: 'tag', tag } as const);
  const manifest = await lookups.manifest({ repository, reference });
  if (typeof manifest === 'string') return `${repository}:${tag} is ${manifest}`;
  if (!manifest.payload.equals(image.payload)) return `${repository}:${tag} has other bytes`;
  const problems = await Promise.all(
    layersOf(manifest.payload).map(async (layer) => {
      const blob = isDigest(layer) ? await lookups.blob({ repository, digest: layer }) : 'no digest';
      if (typeof blob === 'string') return `${repository}:${tag} lacks ${layer}: ${blob}`;
      const bytes = objects.get(blob.storageKey);
      if (bytes === undefined) return `${repository}:${tag} lacks the object ${blob.storageKey}`;
      return digestOf(bytes) === layer ? undefined : `${blob.storageKey} has other bytes`;
    }),
  );
  return problems.find((problem) => problem !== undefined);
}
