import { createHash } from 'node:crypto';
import { parseDigest, parseRepositoryName, parseTag, type Digest } from '@longshore/oci';

export const repositories = ['storm/a', 'storm/b', 'storm/c'].map(parseRepositoryName);

/** Tags that all clients compete for. */
export const sharedTags = Array.from({ length: 8 }, (_, index) => parseTag(`shared-${index}`));

export function digestOf(bytes: Uint8Array | string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

const layersAtATime = 8;

/**
 * Layers that a span of pushes shares, followed by other layers. Pushes that stay keep some of them; the rest are collected, often just when a client
 * pushes them again.
 */
export function layersOfTheDay(push: number): readonly Buffer[] {
  const day = Math.floor(push / 15);
  return Array.from({ length: layersAtATime }, (_, index) => Buffer.from(`layer ${index} of day ${day}`));
}

export interface Image {
  readonly payload: Buffer;
  readonly digest: Digest;
  readonly layers: readonly Buffer[];
}

export function imageOf(chosen: readonly Buffer[], annotations: Readonly<Record<string, string>>): Image {
  const payload = Buffer.from(JSON.stringify({ layers: chosen.map(digestOf), annotations }));
  return { payload, digest: digestOf(payload), layers: chosen };
}

/** Digests of the layers that a stored manifest names. */
export function layersOf(payload: Buffer): readonly string[] {
  const parsed: unknown = JSON.parse(payload.toString());
  if (typeof parsed !== 'object' || parsed === null || !('layers' in parsed)) return [];
  return Array.isArray(parsed.layers) ? parsed.layers.map(String) : [];
}
