import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { attempt, type CommandOptions, run } from '../support/command.ts';
import { podmanOptions } from '../support/container-storage.ts';
import { alice } from '../support/credentials.ts';
import { startDocker } from '../support/dockerd.ts';
import { writeRootfs } from '../support/rootfs.ts';
import { imageName, target } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { host } = new URL(target.origin);
const credentials = ['--username', alice.username, '--password', alice.password];
let folder = '';
let rootfs = '';
let settings: CommandOptions = {};

beforeAll(async () => {
  folder = await temporaryFolder('login');
  rootfs = await writeRootfs(folder);
  settings = {
    cwd: folder,
    environment: {
      HOME: folder,
      DOCKER_CONFIG: join(folder, '.docker'),
      REGISTRY_AUTH_FILE: join(folder, 'auth.json'),
    },
  };
});

describe('clients that fetch tokens', () => {
  it('docker logs in, pushes and pulls', async () => {
    const engine = await startDocker();
    try {
      const name = `${imageName(uniqueRepository('docker'))}:1`;
      await engine.docker('import', rootfs, name);
      await expect(engine.docker('push', name)).rejects.toThrow(
        /no basic auth credentials|unauthorized|denied/,
      );
      await expect(
        engine.docker('login', '--username', 'alice', '--password', 'wrong', host),
      ).rejects.toThrow(/unauthorized|401/i);
      await engine.docker('login', ...credentials, host);
      await engine.docker('push', name);
      await engine.docker('rmi', name);
      await engine.docker('pull', name);
    } finally {
      await engine.stop();
    }
  });

  it('crane logs in, pushes, copies and deletes', async () => {
    const [name, copy] = [imageName(uniqueRepository('crane')), imageName(uniqueRepository('crane'))];
    await run('crane', ['auth', 'login', ...credentials, host], settings);
    await run('crane', ['append', '--new_layer', rootfs, '--new_tag', `${name}:1`], settings);
    await run('crane', ['copy', `${name}:1`, `${copy}:1`], settings);
    await run('crane', ['validate', '--remote', `${copy}:1`], settings);
    await run('crane', ['delete', `${copy}:1`], settings);
    const anonymous = await attempt('crane', ['digest', `${name}:1`], {
      ...settings,
      environment: { HOME: '/nonexistent', DOCKER_CONFIG: '/nonexistent' },
    });
    expect(anonymous.code).not.toBe(0);
  });

  it('oras logs in, pushes and pulls', async () => {
    const name = imageName(uniqueRepository('oras'));
    await writeFile(join(folder, 'file'), 'content');
    await run('oras', ['login', '--plain-http', ...credentials, host], settings);
    await run('oras', ['push', '--plain-http', `${name}:1`, 'file'], settings);
    expect(await run('oras', ['pull', '--plain-http', '--output', 'out', `${name}:1`], settings)).toContain(
      'Pulled',
    );
  });

  it('podman and skopeo log in, push and pull', async () => {
    const name = imageName(uniqueRepository('podman'));
    const storage = podmanOptions(folder);
    await run('podman', [...storage, 'login', '--tls-verify=false', ...credentials, host], settings);
    await run('podman', [...storage, 'import', '--quiet', rootfs, `${name}:1`], settings);
    await run('podman', [...storage, 'push', '--tls-verify=false', `${name}:1`], settings);
    await run('podman', [...storage, 'rmi', '--all', '--force'], settings);
    await run('podman', [...storage, 'pull', '--tls-verify=false', `${name}:1`], settings);
    const creds = `${alice.username}:${alice.password}`;
    expect(
      await run(
        'skopeo',
        ['inspect', '--tls-verify=false', '--creds', creds, '--format', '{{.Name}}', `docker://${name}:1`],
        settings,
      ),
    ).toBe(name);
    const wrong = await attempt(
      'skopeo',
      ['inspect', '--tls-verify=false', '--creds', 'alice:wrong', `docker://${name}:1`],
      settings,
    );
    expect(wrong.code).not.toBe(0);
  });

  it('helm logs in, pushes and pulls', async () => {
    const url = `oci://${imageName(uniqueRepository('charts'))}`;
    const environment = { HOME: folder, HELM_REGISTRY_CONFIG: join(folder, 'helm.json') };
    await run('helm', ['create', 'web'], { cwd: folder, environment });
    await run('helm', ['package', 'web'], { cwd: folder, environment });
    await run('helm', ['registry', 'login', '--plain-http', ...credentials, host], {
      cwd: folder,
      environment,
    });
    await run('helm', ['push', '--plain-http', 'web-0.1.0.tgz', url], { cwd: folder, environment });
    expect(
      await run('helm', ['show', 'chart', '--plain-http', `${url}/web`], { cwd: folder, environment }),
    ).toContain('name: web');
  });
});
