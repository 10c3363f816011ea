import { createHash } from 'node:crypto';
import {
  type Digest,
  digestAlgorithm,
  isTag,
  OciError,
  type ParsedManifest,
  parseDigest,
  parseReference,
  type Tag,
} from '@longshore/oci';
import type { ManifestSettings } from '../manifest-settings.ts';

/** Under which digest and tags a push files its manifest. */
export interface Filing {
  readonly digest: Digest;
  readonly tags: readonly Tag[];
}

/**
 * By tag the digest is sha256; by digest it is the client's, in the client's algorithm, and must be the bytes' own.
 * @throws OciError DIGEST_INVALID or TAG_INVALID
 */
export function filingOf(reference: string, tagParameters: readonly string[], payload: Uint8Array): Filing {
  const parsed = parseReference(reference);
  const extra = tagParameters.map((text) => {
    if (!isTag(text)) throw new OciError('TAG_INVALID', { tag: text.slice(0, 256) });
    return text;
  });
  if (parsed.kind === 'tag')
    return { digest: digestOf(payload, 'sha256'), tags: distinct([parsed.tag, ...extra]) };
  const actual = digestOf(payload, digestAlgorithm(parsed.digest));
  if (actual !== parsed.digest) throw new OciError('DIGEST_INVALID', { digest: parsed.digest, actual });
  return { digest: actual, tags: distinct(extra) };
}

/** @throws OciError MANIFEST_INVALID for a layer whose URL the operator does not allow */
export function refuseForbiddenUrls(
  { layers }: ParsedManifest,
  { urls: { allow, deny } }: ManifestSettings,
): void {
  const allowed = (url: string): boolean =>
    (allow.length === 0 || allow.some((expression) => expression.test(url))) &&
    !deny.some((expression) => expression.test(url));
  const refused = layers.flatMap(({ urls = [] }) => urls).filter((url) => !allowed(url));
  if (refused.length > 0)
    throw OciError.listing(
      'MANIFEST_INVALID',
      refused.map((url) => ({ reason: 'the layer URL is not allowed', url })),
    );
}

/** The children of an index that must be in the repository; the others may come later or never (a sparse index). */
export function requiredChildren(
  { manifests, children }: ParsedManifest,
  { indexPlatforms }: ManifestSettings,
): readonly Digest[] {
  if (indexPlatforms === 'all') return children;
  if (indexPlatforms === 'none') return [];
  const wanted = manifests.filter(({ platform }) =>
    indexPlatforms.some(
      ({ os, architecture }) => platform?.['os'] === os && platform?.['architecture'] === architecture,
    ),
  );
  return distinct(wanted.map(({ digest }) => digest));
}

function digestOf(payload: Uint8Array, algorithm: 'sha256' | 'sha512'): Digest {
  return parseDigest(`${algorithm}:${createHash(algorithm).update(payload).digest('hex')}`);
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
