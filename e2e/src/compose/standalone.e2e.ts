import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, freePort } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accounts } from '../runner/configurations.ts';
import { attempt, run } from '../support/command.ts';
import { alice } from '../support/credentials.ts';
import { type Docker, dockerWithNetworks } from '../support/dockerd.ts';
import { writeRootfs } from '../support/rootfs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tag } from './deployment.ts';
import { buildImages } from './image-layout.ts';

const image = `longshore/standalone:${tag}`;

describe('docker run -p 5000:5000 -v data:/var/lib/longshore longshore/standalone', async () => {
  const folder = await temporaryFolder('standalone-image');
  const name = `longshore-test-standalone-${process.pid}`;
  const port = await freePort();
  const app = `localhost:${port}/team/app:1`;
  const volume = `${name}:/var/lib/longshore`;
  let engine: Docker;
  let pushed: string;

  beforeAll(async () => {
    engine = await dockerWithNetworks();
    await buildImages(['standalone', '--tag', tag, '--version', '1.0.0'], engine.environment);
    await engine.docker('network', 'create', name);
  }, 600_000);

  afterAll(async () => {
    await attempt('docker', ['rm', '--force', name], { environment: engine.environment });
    await engine.docker('volume', 'rm', '--force', name);
    await engine.docker('network', 'rm', name);
    await engine.stop();
  });

  it(
    'is built again with another --version, though its layers are cached',
    { timeout: 300_000 },
    async () => {
      const label = '{{index .Config.Labels "org.opencontainers.image.version"}}';
      expect(await engine.docker('inspect', '--format', label, image)).toBe('1.0.0');
      const again = await buildImages(['standalone', '--tag', tag, '--version', '1.0.1'], engine.environment);
      expect(again).toContain(image);
      expect(await engine.docker('inspect', '--format', label, image)).toBe('1.0.1');
    },
  );

  it('takes a docker push and gives it back', async () => {
    await start();
    pushed = await engine.docker('import', await writeRootfs(folder), app);
    await engine.docker('push', app);
    expect(await pulledAnew()).toBe(pushed);
  });

  it('runs as a user who is not root', async () => {
    const uid = ['/usr/local/bin/node', '--print', 'process.getuid()'];
    expect(await engine.docker('exec', name, ...uid)).toBe('65532');
  });

  it('has its volume for itself: a second container ends and says which one is there', async () => {
    const { code, stderr } = await attempt(
      'docker',
      ['run', '--rm', '--network=none', '--volume', volume, image],
      {
        environment: engine.environment,
      },
    );
    expect(stderr).toMatch(/a registry is already running on \/var\/lib\/longshore \(process 1 of host /);
    expect(code).toBe(1);
    expect(await pulledAnew()).toBe(pushed);
  });

  it('starts again after docker kill, which leaves its number and that of its Postgres behind', async () => {
    await engine.docker('kill', name);
    await engine.docker('start', name);
    await untilReady();
    expect(await pulledAnew()).toBe(pushed);
  });

  it('ends by itself on docker stop, and a new container finds everything', async () => {
    await engine.docker('stop', name);
    expect(await engine.docker('inspect', '--format', '{{.State.ExitCode}}', name)).toBe('0');
    await engine.docker('rm', name);
    await start();
    expect(await pulledAnew()).toBe(pushed);
  });

  it('needs no right to write outside of its volume, and no capability; accounts come by a file', async () => {
    await engine.docker('rm', '--force', name);
    const users = join(folder, 'users.htpasswd');
    await writeFile(users, accounts);
    await Promise.all([chmod(folder, 0o755), chmod(users, 0o644)]);
    await start(
      '--read-only',
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges',
      `--volume=${users}:/etc/longshore/users.htpasswd:ro`,
      '--env=REGISTRY_AUTH_HTPASSWD_PATH=/etc/longshore/users.htpasswd',
    );
    await expect(pulledAnew()).rejects.toThrow(/no basic auth credentials|unauthorized/);
    const login = ['login', '--username', alice.username, '--password-stdin', `localhost:${port}`];
    await run('docker', login, { environment: engine.environment, input: alice.password });
    expect(await pulledAnew()).toBe(pushed);
    await engine.docker('logout', `localhost:${port}`);
  });

  async function start(...options: readonly string[]): Promise<void> {
    const published = `--publish=127.0.0.1:${port}:5000`;
    const named = [`--name=${name}`, `--network=${name}`, `--volume=${volume}`];
    await engine.docker('run', '--detach', published, ...named, ...options, image);
    await untilReady();
  }

  function untilReady(): Promise<void> {
    return eventually(async () => {
      const { status } = await fetch(`http://127.0.0.1:${port}/v2/`);
      expect([200, 401]).toContain(status);
    }, 60_000);
  }

  /** @returns the id of the pulled image */
  async function pulledAnew(): Promise<string> {
    await attempt('docker', ['rmi', '--force', app], { environment: engine.environment });
    await engine.docker('pull', app);
    return engine.docker('inspect', '--format', '{{.Id}}', app);
  }
});
