import { uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { podmanOptions } from '../support/container-storage.ts';
import { writeRootfs } from '../support/rootfs.ts';
import { client, imageName } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('podman', () => {
  const repository = uniqueRepository('podman');
  const image = imageName(repository);
  let folder = '';
  let id = '';
  const podman = (...options: readonly string[]): Promise<string> =>
    run('podman', [...podmanOptions(folder), ...options]);

  beforeAll(async () => {
    folder = await temporaryFolder('podman');
    id = (await podman('import', '--quiet', await writeRootfs(folder), `${image}:1`)).replace('sha256:', '');
  });

  it('pushes an image and pulls it after it was removed', async () => {
    await podman('push', '--tls-verify=false', `${image}:1`);
    await podman('rmi', '--force', id);
    await podman('pull', '--tls-verify=false', `${image}:1`);
    expect(await podman('inspect', '--format', '{{.Id}}', `${image}:1`)).toBe(id);
  });

  it.each(['oci', 'v2s2'])('pushes in the format %s', async (format) => {
    await podman(
      'push',
      '--tls-verify=false',
      '--format',
      format,
      `${image}:1`,
      `docker://${image}:${format}`,
    );
    expect(await podman('pull', '--quiet', '--tls-verify=false', `${image}:${format}`)).not.toBe('');
  });

  it('pushes layers compressed with zstd', async () => {
    await podman(
      'push',
      '--tls-verify=false',
      '--compression-format',
      'zstd',
      '--format',
      'oci',
      `${image}:1`,
      `docker://${image}:zstd`,
    );
    await podman('rmi', '--all', '--force');
    await podman('pull', '--tls-verify=false', `${image}:zstd`);
    expect(await podman('inspect', '--format', '{{len .RootFS.Layers}}', `${image}:zstd`)).toBe('1');
  });

  it('pushes a list of images with what it lists', async () => {
    await podman('manifest', 'create', 'local-list');
    await podman('manifest', 'add', '--tls-verify=false', 'local-list', `docker://${image}:oci`);
    await podman('manifest', 'push', '--tls-verify=false', '--all', 'local-list', `docker://${image}:list`);
    expect((await client.get(`/v2/${repository}/manifests/list`)).json().manifests).toHaveLength(1);
  });

  it('lists the tags', async () => {
    const listed = await podman('search', '--tls-verify=false', '--list-tags', '--format', '{{.Tag}}', image);
    expect(listed.split(/\s+/)).toEqual(expect.arrayContaining(['1', 'list', 'oci']));
  });
});
