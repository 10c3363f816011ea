import { loadConfiguration } from '@longshore/configuration';
import { mediaTypes } from '@longshore/oci';
import { afterAll, describe, expect, it } from 'vitest';
import { ManifestSettings } from '../manifest-settings.ts';
import { ManifestParser } from './manifest-parser.ts';

const settings = new ManifestSettings(
  loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}' } }),
);
const parser = new ManifestParser(settings);
afterAll(() => parser.onApplicationShutdown());

const descriptor = (at: number) => ({
  mediaType: 'application/octet-stream',
  digest: `sha256:${at.toString(16).padStart(64, '0')}`,
  size: 1,
});
const imageOf = (layers: number, more: Record<string, unknown> = {}) =>
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: descriptor(0),
      layers: Array.from({ length: layers }, (_, at) => descriptor(at)),
      ...more,
    }),
  );

/** Counts the turns of the event loop until the work is done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let over = false;
  const count = (): void => {
    if (over) return;
    turns += 1;
    setImmediate(count);
  };
  setImmediate(count);
  await work;
  over = true;
  return turns;
}

describe('ManifestParser', () => {
  it('does not block the event loop while it parses a large manifest', async () => {
    const work = parser.parse(imageOf(10_000), mediaTypes.ociManifest);
    expect(await turnsDuring(work)).toBeGreaterThan(1);
    const { layers, requiredBlobs } = await work;
    expect([layers.length, requiredBlobs.length]).toEqual([10_000, 10_000]);
  });

  it('reads a small one at once', async () => {
    expect(await turnsDuring(parser.parse(imageOf(10), mediaTypes.ociManifest))).toBe(0);
  });

  it('does not change the payload', async () => {
    const payload = imageOf(2_000);
    await parser.parse(payload, mediaTypes.ociManifest);
    expect(payload.equals(imageOf(2_000))).toBe(true);
  });

  it('throws the same errors on a thread as without one', async () => {
    const annotations = Object.fromEntries(Array.from({ length: 250_000 }, (_, at) => [`key-${at}`, '']));
    const refused = parser.parse(imageOf(1, { annotations }), mediaTypes.ociManifest);
    await expect(refused).rejects.toMatchObject({ name: 'OciError', code: 'MANIFEST_INVALID', status: 400 });
  });
});
