import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uniqueBytes, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { storageOptions } from '../support/container-storage.ts';
import { client, imageName } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('buildah', () => {
  const repository = uniqueRepository('buildah');
  let folder = '';
  const buildah = (...options: readonly string[]): Promise<string> =>
    run('buildah', [...storageOptions(folder), ...options], { cwd: folder });

  beforeAll(async () => {
    folder = await temporaryFolder('buildah');
    await writeFile(join(folder, 'file'), uniqueBytes(1000));
    await writeFile(join(folder, 'Containerfile'), 'FROM scratch\nCOPY file /file\nLABEL made=here\n');
  });

  it('builds an image and pushes it', async () => {
    await buildah('build', '--isolation', 'chroot', '--tag', `${imageName(repository)}:1`, '.');
    await buildah('push', '--tls-verify=false', `${imageName(repository)}:1`);
    expect((await client.head(`/v2/${repository}/manifests/1`)).status).toBe(200);
  });

  it('builds upon a pushed image', async () => {
    await buildah('rmi', '--all', '--force');
    const container = await buildah('from', '--tls-verify=false', `${imageName(repository)}:1`);
    await buildah('copy', container, 'file', '/second');
    await buildah('commit', container, `${imageName(repository)}:2`);
    await buildah('push', '--tls-verify=false', `${imageName(repository)}:2`);
    expect((await client.get(`/v2/${repository}/tags/list`)).json().tags).toEqual(['1', '2']);
  });
});
