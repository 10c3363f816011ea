import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  blobOf,
  descriptorOf,
  indexOf,
  manifestOf,
  ociTypes,
  tinyImage,
  uniqueBytes,
  uniqueRepository,
} from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { writeRootfs } from '../support/rootfs.ts';
import { client, imageName } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const crane = (...options: readonly string[]): Promise<string> => run('crane', ['--insecure', ...options]);

describe('crane', () => {
  const repository = uniqueRepository('crane');
  const image = imageName(repository);
  let folder = '';

  beforeAll(async () => {
    folder = await temporaryFolder('crane');
    await crane('append', '--new_layer', await writeRootfs(folder), '--new_tag', `${image}:1`);
  });

  it('pulls an image into an archive and pushes it again', async () => {
    const digest = await crane('digest', `${image}:1`);
    await crane('pull', '--format', 'oci', `${image}:1`, join(folder, 'layout'));
    expect(await crane('push', join(folder, 'layout'), `${image}:again`)).toContain(digest);
    await crane('pull', `${image}:1`, join(folder, 'image.tar'));
    await crane('push', join(folder, 'image.tar'), `${image}:from-archive`);
    await crane('validate', '--remote', `${image}:from-archive`);
    expect(await crane('digest', `${image}:again`)).toBe(digest);
  });

  it('copies to another repository, mounting what is there', async () => {
    const copy = uniqueRepository('crane');
    await crane('copy', `${image}:1`, `${imageName(copy)}:1`);
    expect(await crane('digest', `${imageName(copy)}:1`)).toBe(await crane('digest', `${image}:1`));
    await crane('validate', '--remote', `${imageName(copy)}:1`);
  });

  it('appends to an index and pulls one platform of it', async () => {
    const images = ['amd64', 'arm64'].map((architecture) =>
      tinyImage({ content: `${repository} ${architecture}`, architecture }),
    );
    for (const [position, one] of images.entries())
      await client.pushImage(repository, one, `part-${position}`);
    await crane(
      'index',
      'append',
      '--manifest',
      `${image}:part-0`,
      '--manifest',
      `${image}:part-1`,
      '--tag',
      `${image}:multi`,
    );
    expect(await crane('digest', '--platform', 'linux/arm64', `${image}:multi`)).toBe(images[1]?.digest);
    expect(JSON.parse(await crane('manifest', `${image}:multi`))).toMatchObject({
      mediaType: ociTypes.index,
    });
  });

  it('lists, tags and deletes', async () => {
    await crane('tag', `${image}:1`, 'renamed');
    expect((await crane('ls', image)).split('\n')).toContain('renamed');
    expect((await crane('catalog', new URL(client.origin).host)).split('\n')).toContain(repository);
    await crane('delete', `${image}:renamed`);
    expect((await crane('ls', image)).split('\n')).not.toContain('renamed');
  });

  it('changes a config and flattens', async () => {
    await crane('mutate', `${image}:1`, '--label', 'a=b', '--tag', `${image}:mutated`);
    expect(await crane('config', `${image}:mutated`)).toContain('"a":"b"');
    await crane('flatten', `${image}:mutated`, '--tag', `${image}:flat`);
    await crane('export', `${image}:flat`, join(folder, 'files.tar'));
    expect((await readFile(join(folder, 'files.tar'))).toString('latin1')).toContain('etc/unique');
  });

  it('reads the cache index of BuildKit and its blobs', async () => {
    const layer = blobOf(uniqueBytes(2000));
    const config = blobOf(JSON.stringify({ layers: [{ blob: layer.digest, parent: -1 }], records: [] }));
    for (const blob of [layer, config]) await client.pushBlob(repository, blob);
    const cache = manifestOf(ociTypes.index, {
      manifests: [
        descriptorOf(layer, ociTypes.layer),
        descriptorOf(config, 'application/vnd.buildkit.cacheconfig.v0'),
      ],
    });
    expect((await client.pushManifest(repository, 'buildcache', cache)).status).toBe(201);
    expect(await crane('manifest', `${image}:buildcache`)).toBe(cache.bytes.toString());
    expect(await crane('blob', `${image}@${config.digest}`)).toBe(config.bytes.toString());
  });

  it('pushes an index from a layout', async () => {
    const layout = join(folder, 'multi');
    const images = ['amd64', 'arm64'].map((architecture) =>
      tinyImage({ content: `layout ${architecture}`, architecture }),
    );
    const index = indexOf(images);
    await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
    for (const { digest, bytes } of [...images.flatMap(({ blobs }) => blobs), ...images]) {
      await writeFile(join(layout, 'blobs', digest.replace(':', '/')), bytes);
    }
    await writeFile(join(layout, 'index.json'), index.bytes);
    await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    expect(await crane('push', '--index', layout, `${image}:layout`)).toContain(index.digest);
  });
});
