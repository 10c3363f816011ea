import { uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Docker, startDocker } from '../support/dockerd.ts';
import { writeRootfs } from '../support/rootfs.ts';
import { imageName } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('docker', () => {
  const base = imageName(uniqueRepository('docker'));
  let engine: Docker;
  let id = '';

  beforeAll(async () => {
    engine = await startDocker();
    const rootfs = await writeRootfs(await temporaryFolder('docker'));
    id = await engine.docker('import', '--change', 'CMD ["/bin/true"]', rootfs, `${base}:1`);
  });

  afterAll(async () => {
    await engine.stop();
  });

  it('pushes an image and pulls it after docker rmi', async () => {
    const pushed = await engine.docker('push', `${base}:1`);
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1];
    expect(digest, pushed).toBeDefined();
    await engine.docker('rmi', '-f', id);
    await engine.docker('pull', `${base}:1`);
    expect(await engine.docker('inspect', '--format', '{{.Id}}', `${base}:1`)).toBe(id);
    await engine.docker('rmi', '-f', id);
    await engine.docker('pull', `${base}@${digest}`);
    expect(await engine.docker('inspect', '--format', '{{.Id}}', `${base}@${digest}`)).toBe(id);
  });

  it('pushes a second tag without uploading again', async () => {
    await engine.docker('tag', id, `${base}:2`);
    expect(await engine.docker('push', `${base}:2`)).toMatch(/Layer already exists/);
  });

  it('mounts the layer into another repository', async () => {
    const other = imageName(uniqueRepository('docker'));
    await engine.docker('tag', id, `${other}:1`);
    expect(await engine.docker('push', `${other}:1`)).toMatch(/Mounted from/);
  });

  it('pushes a manifest list', async () => {
    await engine.docker('manifest', 'create', '--insecure', `${base}:list`, `${base}:1`);
    expect(await engine.docker('manifest', 'push', '--insecure', `${base}:list`)).toMatch(
      /sha256:[0-9a-f]{64}/,
    );
    expect(await engine.docker('manifest', 'inspect', '--insecure', `${base}:list`)).toContain(
      'manifest.list.v2+json',
    );
  });

  it('is told when there is no such tag', async () => {
    await expect(engine.docker('pull', `${base}:absent`)).rejects.toThrow(/not found|manifest unknown/);
  });
});
