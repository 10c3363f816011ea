import { join } from 'node:path';
import { indexOf, tinyImage, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { client, imageName } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const skopeo = (...options: readonly string[]): Promise<string> => run('skopeo', options);
const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];

describe('skopeo', () => {
  const source = uniqueRepository('skopeo');
  const images = ['amd64', 'arm64'].map((architecture) =>
    tinyImage({ content: `${source} ${architecture}`, architecture }),
  );
  const index = indexOf(images);
  let folder = '';

  beforeAll(async () => {
    folder = await temporaryFolder('skopeo');
    for (const image of images) await client.pushImage(source, image);
    await client.pushManifest(source, 'multi', index);
  });

  it('copies every image of an index to a directory and back, byte for byte', async () => {
    const copy = uniqueRepository('skopeo');
    await skopeo(
      'copy',
      '--all',
      '--preserve-digests',
      ...insecure,
      `docker://${imageName(source)}:multi`,
      `oci:${join(folder, 'layout')}:multi`,
    );
    await skopeo(
      'copy',
      '--all',
      '--preserve-digests',
      ...insecure,
      `oci:${join(folder, 'layout')}:multi`,
      `docker://${imageName(copy)}:multi`,
    );
    expect((await client.get(`/v2/${copy}/manifests/multi`)).body).toEqual(index.bytes);
    for (const { digest, bytes } of images)
      expect((await client.get(`/v2/${copy}/manifests/${digest}`)).body).toEqual(bytes);
  });

  it('copies from repository to repository', async () => {
    const copy = uniqueRepository('skopeo');
    await skopeo(
      'copy',
      '--all',
      ...insecure,
      `docker://${imageName(source)}:multi`,
      `docker://${imageName(copy)}:multi`,
    );
    expect((await client.get(`/v2/${copy}/manifests/multi`)).body).toEqual(index.bytes);
  });

  it('converts to Docker manifests', async () => {
    const copy = uniqueRepository('skopeo');
    await skopeo(
      'copy',
      '--format',
      'v2s2',
      ...insecure,
      `docker://${imageName(source)}@${images[0]?.digest}`,
      `docker://${imageName(copy)}:docker`,
    );
    expect((await client.head(`/v2/${copy}/manifests/docker`)).headers['content-type']).toBe(
      'application/vnd.docker.distribution.manifest.v2+json',
    );
  });

  it('inspects, lists tags and deletes', async () => {
    expect(
      await skopeo(
        'inspect',
        '--tls-verify=false',
        '--format',
        '{{.Digest}}',
        `docker://${imageName(source)}:multi`,
      ),
    ).toBe(index.digest);
    expect(await skopeo('list-tags', '--tls-verify=false', `docker://${imageName(source)}`)).toContain(
      '"multi"',
    );
    const copy = uniqueRepository('skopeo');
    await skopeo(
      'copy',
      ...insecure,
      `docker://${imageName(source)}@${images[0]?.digest}`,
      `docker://${imageName(copy)}:gone`,
    );
    await skopeo('delete', '--tls-verify=false', `docker://${imageName(copy)}:gone`);
    expect((await client.head(`/v2/${copy}/manifests/gone`)).status).toBe(404);
  });
});
