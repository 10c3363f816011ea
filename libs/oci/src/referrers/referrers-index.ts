import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestAlgorithm, digestHex } from '../digest.ts';
import { mediaTypes } from '../media-type.ts';
import { parseTag, type Tag } from '../tag.ts';

/** One referrer in the answer of the referrers API (distribution-spec end-12). */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string | undefined;
  readonly annotations?: Descriptor['annotations'];
}

export interface ReferrersIndex {
  /** The exact bytes. */
  readonly index: Uint8Array;
  /** Number of referrers in it, from the first on. */
  readonly listed: number;
}

/** Builds the index of as many referrers as fit into `bytes`, and of one at least. Omits an absent artifactType and empty annotations. */
export function referrersIndex(referrers: readonly Referrer[], bytes = Infinity): ReferrersIndex {
  const texts: string[] = [];
  let size = 0;
  for (const referrer of referrers) {
    const text = descriptorOf(referrer);
    size += Buffer.byteLength(text) + 1;
    if (size > bytes && texts.length > 0) break;
    texts.push(text);
  }
  const head = `{"schemaVersion":2,"mediaType":"${mediaTypes.ociIndex}","manifests":[`;
  return { index: Buffer.from(`${head}${texts.join(',')}]}`), listed: texts.length };
}

function descriptorOf({ mediaType, digest, size, artifactType, annotations }: Referrer): string {
  return JSON.stringify({
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }),
  });
}

/** Returns the tag under which clients store a subject's referrers in registries without the API (distribution-spec, "Referrers Tag Schema"). */
export function fallbackTag(subject: Digest): Tag {
  return parseTag(`${digestAlgorithm(subject).slice(0, 32)}-${digestHex(subject).slice(0, 64)}`);
}
