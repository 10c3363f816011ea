import { createHash } from 'node:crypto';
import { parseDigest, parseRepositoryName, parseTag, type Digest } from '@longshore/oci';

export const repositories = ['storm/a', 'storm/b', 'storm/c'].map(parseRepositoryName);

/** Tags that everybody fights over. */
export const sharedTags = Array.from({ length: 8 }, (_, index) => parseTag(`shared-${index}`));

export function digestOf(bytes: Uint8Array | string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

const layersNamed = (name: string, count: number): readonly Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`${name} layer ${index}`));

/** Few enough that pushes share them: once something is kept that has one, it stays. */
export const lastingLayers = layersNamed('lasting', 24);
/** In what is not kept: collectors take these between two pushes, or during one. */
export const passingLayers = layersNamed('passing', 60);

export interface Image {
  readonly payload: Buffer;
  readonly digest: Digest;
  readonly layers: readonly Buffer[];
}

export function imageOf(chosen: readonly Buffer[], annotations: Readonly<Record<string, string>>): Image {
  const payload = Buffer.from(JSON.stringify({ layers: chosen.map(digestOf), annotations }));
  return { payload, digest: digestOf(payload), layers: chosen };
}

/** The layers that a stored manifest names. */
export function layersOf(payload: Buffer): readonly string[] {
  const parsed: unknown = JSON.parse(payload.toString());
  if (typeof parsed !== 'object' || parsed === null || !('layers' in parsed)) return [];
  return Array.isArray(parsed.layers) ? parsed.layers.map(String) : [];
}
