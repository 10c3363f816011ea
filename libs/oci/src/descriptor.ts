import { type Digest, isDigest } from './digest.ts';
import { OciError } from './errors.ts';

/** A manifest's reference to content (image-spec descriptor.md). Fields that we do not use stay in the stored bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly platform?: Readonly<Record<string, unknown>>;
}

/** RFC 6838 §4.2 type and subtype names. */
const mediaTypeGrammar = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface DescriptorRules {
  /** Most annotations in one manifest or descriptor. Default 1,000. */
  readonly annotations: number;
  /** `any` accepts what distribution accepts: any text, even none. Default `any`. */
  readonly mediaTypes: 'any' | 'rfc6838';
}

/** Reads absent and null as the empty text, like clients in Go. @throws OciError MANIFEST_INVALID */
export function parseMediaType(value: unknown, where: string, { mediaTypes }: DescriptorRules): string {
  const text = value ?? '';
  // Postgres stores no NUL.
  if (typeof text !== 'string' || text.includes('\0')) throw invalid(where, 'must be a media type');
  const isOptional = where === 'artifactType' && text === '';
  if (mediaTypes === 'rfc6838' && !isOptional && !mediaTypeGrammar.test(text))
    throw invalid(where, 'must be a media type');
  return text;
}

/**
 * @param where the descriptor's place in the manifest, for the error
 * @throws OciError MANIFEST_INVALID or DIGEST_INVALID
 */
export function parseDescriptor(value: unknown, where: string, rules: DescriptorRules): Descriptor {
  if (!isObject(value)) throw invalid(where, 'must be a descriptor');
  const { mediaType, digest, size, urls, annotations, artifactType, platform } = value;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(`${where}.size`, 'must be a whole number of bytes');
  return {
    mediaType: parseMediaType(mediaType, `${where}.mediaType`, rules),
    digest: parseDigestField(digest, `${where}.digest`),
    size,
    ...(urls === undefined ? {} : { urls: parseUrls(urls, `${where}.urls`) }),
    ...(annotations === undefined || annotations === null
      ? {}
      : { annotations: parseAnnotations(annotations, `${where}.annotations`, rules) }),
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(isObject(platform) ? { platform } : {}),
  };
}

function parseDigestField(value: unknown, where: string): Digest {
  if (typeof value === 'string' && isDigest(value)) return value;
  throw new OciError('DIGEST_INVALID', { field: where, digest: shownText(value) });
}

const shownText = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.slice(0, 256) : undefined;

export function parseAnnotations(
  value: unknown,
  where: string,
  { annotations: most }: DescriptorRules,
): Readonly<Record<string, string>> {
  if (!isTexts(value)) throw invalid(where, 'must be an object of strings');
  if (Object.keys(value).length > most) throw invalid(where, `may have at most ${most} entries`);
  return value;
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string');
}

function parseUrls(value: unknown, where: string): readonly string[] {
  if (value === null) return [];
  if (!Array.isArray(value) || !value.every((url) => typeof url === 'string'))
    throw invalid(where, 'must be a list of URLs');
  return value;
}

export function invalid(field: string, reason: string): OciError {
  return new OciError('MANIFEST_INVALID', { field, reason: `${field} ${reason}` });
}
