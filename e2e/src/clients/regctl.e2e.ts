import { join } from 'node:path';
import {
  blobOf,
  descriptorOf,
  indexOf,
  manifestOf,
  ociTypes,
  tinyImage,
  uniqueRepository,
} from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { client, imageName } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('regctl', () => {
  const repository = uniqueRepository('regctl');
  const image = imageName(repository);
  const images = ['amd64', 'arm64'].map((architecture) =>
    tinyImage({ content: `${repository} ${architecture}`, architecture }),
  );
  const index = indexOf(images);
  let folder = '';
  const regctl = (...options: readonly string[]): Promise<string> =>
    run('regctl', ['--host', `reg=${new URL(client.origin).host},tls=disabled`, ...options], {
      environment: { REGCTL_CONFIG: join(folder, 'config.json') },
    });

  beforeAll(async () => {
    folder = await temporaryFolder('regctl');
    for (const one of images) await client.pushImage(repository, one);
    await client.pushManifest(repository, 'multi', index);
    const empty = blobOf('{}');
    await client.pushBlob(repository, empty);
    const signature = manifestOf(ociTypes.manifest, {
      artifactType: 'application/vnd.example.signature',
      config: descriptorOf(empty, ociTypes.empty),
      layers: [],
      subject: { mediaType: index.mediaType, digest: index.digest, size: index.bytes.length },
    });
    await client.pushManifest(repository, signature.digest, signature);
  });

  it('copies an index with its referrers', async () => {
    const copy = uniqueRepository('regctl');
    await regctl(
      'image',
      'copy',
      '--referrers',
      '--digest-tags',
      `${image}:multi`,
      `${imageName(copy)}:multi`,
    );
    expect((await client.get(`/v2/${copy}/manifests/multi`)).body).toEqual(index.bytes);
    expect((await client.get(`/v2/${copy}/referrers/${index.digest}`)).json().manifests).toHaveLength(1);
  });

  it('exports an image and imports it', async () => {
    await regctl('image', 'export', `${image}:multi`, join(folder, 'image.tar'));
    const copy = uniqueRepository('regctl');
    await regctl('image', 'import', `${imageName(copy)}:multi`, join(folder, 'image.tar'));
    expect((await client.get(`/v2/${copy}/manifests/multi`)).body).toEqual(index.bytes);
  });

  it('puts and gets an artifact', async () => {
    const path = imageName(uniqueRepository('regctl'));
    await run(
      'regctl',
      [
        '--host',
        `reg=${new URL(client.origin).host},tls=disabled`,
        'artifact',
        'put',
        '--artifact-type',
        'application/vnd.example.note',
        `${path}:note`,
      ],
      {
        input: 'a note',
        environment: { REGCTL_CONFIG: join(folder, 'config.json') },
      },
    );
    expect(await regctl('artifact', 'get', `${path}:note`)).toBe('a note');
    expect(await regctl('artifact', 'list', `${image}:multi`)).toContain('application/vnd.example.signature');
  });

  it('lists and deletes tags', async () => {
    await regctl('image', 'copy', `${image}:multi`, `${image}:gone`);
    expect((await regctl('tag', 'ls', image)).split('\n')).toEqual(['gone', 'multi']);
    await regctl('tag', 'delete', `${image}:gone`);
    expect(await regctl('tag', 'ls', image)).toBe('multi');
    expect((await regctl('repo', 'ls', new URL(client.origin).host)).split('\n')).toContain(repository);
  });

  it('checks every digest of an image', async () => {
    expect(await regctl('manifest', 'head', `${image}:multi`)).toBe(index.digest);
    expect(await regctl('image', 'digest', '--platform', 'linux/arm64', `${image}:multi`)).toBe(
      images[1]?.digest,
    );
  });
});
