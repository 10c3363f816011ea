import { type Digest, parseDigest } from './digest.ts';
import { parseTag, type Tag } from './tag.ts';

export type Reference =
  { readonly kind: 'tag'; readonly tag: Tag } | { readonly kind: 'digest'; readonly digest: Digest };

/** A tag has no colon and a digest has one, so a misspelt digest is reported as a digest. @throws OciError DIGEST_INVALID or TAG_INVALID */
export function parseReference(text: string): Reference {
  return text.includes(':')
    ? { kind: 'digest', digest: parseDigest(text) }
    : { kind: 'tag', tag: parseTag(text) };
}

export function formatReference(reference: Reference): string {
  return reference.kind === 'tag' ? reference.tag : reference.digest;
}
