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
import type { ManifestSettings, UrlRules } from '../manifest-settings.ts';

/** The digest and tags under which a push stores its manifest. */
export interface Filing {
  readonly digest: Digest;
  readonly tags: readonly Tag[];
}

/**
 * A push by tag uses sha256. A push by digest uses the client's digest and algorithm; it must match the payload.
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

/** UTF-16 units. Browsers and proxies accept no longer URL either. */
const longestUrl = 2048;
/** Most URLs in one manifest. Each is matched with each pattern, and the error names each refused one. */
const mostUrls = 1000;

/** @throws OciError MANIFEST_INVALID for a layer with an invalid URL, or one that the operator does not allow */
export function refuseForbiddenUrls({ layers }: ParsedManifest, { urls: rules }: ManifestSettings): void {
  if (rules === undefined) return;
  const named = layers.flatMap(({ urls = [] }) => urls);
  if (named.length > mostUrls)
    throw new OciError('MANIFEST_INVALID', { reason: `the layers have more than ${mostUrls} URLs` });
  const refused = named.flatMap((url) => {
    const reason = problemOf(url, rules);
    return reason === undefined ? [] : [{ reason, url: url.slice(0, longestUrl) }];
  });
  if (refused.length > 0) throw OciError.listing('MANIFEST_INVALID', refused);
}

/** Clients fetch these URLs themselves, so other schemes could make them read local files or start other handlers. */
function problemOf(url: string, { allow, deny }: UrlRules): string | undefined {
  if (url.length > longestUrl) return `the layer URL is longer than ${longestUrl} characters`;
  if (!isWebUrl(url)) return 'the layer URL is not an http or https URL without a fragment';
  const allowed = allow.length === 0 || allow.some((expression) => expression.test(url));
  return allowed && !deny.some((expression) => expression.test(url))
    ? undefined
    : 'the layer URL is not allowed';
}

/**
 * Refuses what distribution refuses: other schemes, and fragments. WHATWG's parser alone would also accept `https:example` and surrounding blanks.
 */
function isWebUrl(url: string): boolean {
  return /^https?:\/\/[^\s\\#]+$/i.test(url) && URL.canParse(url);
}

/** Returns the children of an index that must be in the repository. The others may come later or never (a sparse index). */
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
