import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { serviceNames } from '../support/service-names.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ownContainerStorage } from './container-storage.ts';
import { buildImages, type Image, pathsIn, readLayout } from './image-layout.ts';

const megabyte = 1_000_000;

describe('npm run images', async () => {
  const folder = await temporaryFolder('images');
  const layout = join(folder, 'first/layout');
  let images: ReadonlyMap<string, Image> = new Map();

  beforeAll(async () => {
    await build(join(folder, 'first'));
    images = await readLayout(layout);
  }, 600_000);

  it('builds the same digests again', { timeout: 600_000 }, async () => {
    await build(join(folder, 'second'));
    const again = await readLayout(join(folder, 'second/layout'));
    expect(digests(again)).toEqual(digests(images));
    expect(images.size).toBe(11);
  });

  it('lists what is in each image, the same again', async () => {
    for (const name of images.keys()) {
      const [list, again] = await Promise.all(
        ['first', 'second'].map((time) => sbom(join(folder, time), name)),
      );
      expect(list).toEqual(again);
      expect(list?.name).toBe(`longshore/${name}`);
    }
    const { packages } = await sbom(join(folder, 'first'), 'blob-service');
    const listed = new Set(packages.map(({ name }) => name));
    const paths = await pathsIn(layout, imageOf('blob-service'));
    const installed = paths.flatMap(
      (path) =>
        /^opt\/longshore\/(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1] ?? [],
    );
    expect(installed.length).toBeGreaterThan(100);
    expect(installed.filter((name) => !listed.has(name))).toEqual([]);
    expect(listed).toContain('node');
  });

  it.each(serviceNames)('%s is at most 90 MB', (name) => {
    expect(sizeOf([imageOf(name)])).toBeLessThanOrEqual(90 * megabyte);
  });

  it('all six are at most 120 MB on one node', () => {
    expect(sizeOf(serviceNames.map(imageOf))).toBeLessThanOrEqual(120 * megabyte);
  });

  it('standalone, with its Postgres, is at most 120 MB', () => {
    expect(sizeOf([imageOf('standalone')])).toBeLessThanOrEqual(120 * megabyte);
  });

  it.each([...serviceNames, 'cli', 'standalone'])(
    '%s runs as a number, is labelled, and has no shell that it does not need',
    async (name) => {
      const image = imageOf(name);
      expect(image.config.User).toBe('65532:65532');
      expect(image.config.Labels).toMatchObject({
        'org.opencontainers.image.title': `longshore/${name}`,
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.version': 'dev',
        'org.opencontainers.image.revision': 'unknown',
      });
      const paths = await pathsIn(layout, image);
      const programs = paths.filter((path) => /(?:^|\/)s?bin\/[^/]+$/.test(path) && !path.startsWith('opt/'));
      // initdb calls the other program.
      expect(programs.toSorted()).toEqual([
        ...(name === 'standalone' ? ['bin/sh'] : []),
        'usr/local/bin/node',
      ]);
      expect(paths.filter((path) => /(?:^|\/)node_modules\/npm\//.test(path))).toEqual([]);
    },
  );

  function imageOf(name: string): Image {
    const image = images.get(name);
    if (image === undefined) throw new Error(`there is no image ${name}`);
    return image;
  }
});

async function build(folder: string): Promise<void> {
  const environment = await ownContainerStorage(folder);
  await buildImages(['--layout', join(folder, 'layout'), '--sbom', join(folder, 'sbom')], environment);
}

interface Sbom {
  readonly name: string;
  readonly packages: readonly { readonly name: string; readonly versionInfo: string }[];
}

async function sbom(folder: string, image: string): Promise<Sbom> {
  const read: Sbom = JSON.parse(await readFile(join(folder, 'sbom', `${image}.spdx.json`), 'utf8'));
  return read;
}

function digests(images: ReadonlyMap<string, Image>): Readonly<Record<string, string>> {
  return Object.fromEntries([...images].map(([name, { digest }]) => [name, digest]));
}

/** Returns the bytes to pull for all images: a shared layer counts once. */
function sizeOf(images: readonly Image[]): number {
  const sizes = new Map(images.flatMap(({ layers }) => layers.map(({ digest, size }) => [digest, size])));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
