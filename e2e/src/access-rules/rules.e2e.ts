import { join } from 'node:path';
import { type RegistryClient, tinyImage } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { attempt, type CommandOptions, run } from '../support/command.ts';
import { alice, bob } from '../support/credentials.ts';
import { startDocker } from '../support/dockerd.ts';
import { expectRefusal, expectStatus, expectWhole } from '../support/expectations.ts';
import { writeRootfs } from '../support/rootfs.ts';
import { client as anonymous, clientOf, imageName, target } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const image = tinyImage({ content: 'rules' });
const other = tinyImage({ content: 'other rules' });

async function put(client: RegistryClient, name: string, reference: string, { bytes, mediaType } = other) {
  return client.send('PUT', `/v2/${name}/manifests/${reference}`, {
    headers: { 'content-type': mediaType },
    body: bytes,
  });
}

beforeAll(async () => {
  for (const name of ['public/rules', 'team/rules', 'released/rules', 'alice/rules']) {
    await clientOf(alice).pushImage(name, other);
    await clientOf(alice).pushImage(name, image, 'v1');
  }
  await clientOf(bob).pushImage('bob/rules', image, 'v1');
});

describe('a writer', () => {
  it('creates tags and moves none', async () => {
    expectStatus(await put(clientOf(bob), 'team/rules', 'new'), 201);
    expectStatus(await put(clientOf(bob), 'team/rules', 'new'), 201);
    const moved = await put(clientOf(bob), 'team/rules', 'new', image);
    expectRefusal(moved, 403, 'DENIED');
    expect(moved.body.toString()).toContain('the tag new exists');
    await expectWhole(clientOf(bob), 'team/rules', other, 'new');
    expectStatus(await put(clientOf(alice), 'team/rules', 'new', image), 201);
  });

  it('moves no tag by a parameter either', async () => {
    const path = `${other.digest}?tag=by-parameter`;
    expectStatus(await put(clientOf(bob), 'team/rules', path), 201);
    expectRefusal(
      await put(clientOf(bob), 'team/rules', `${image.digest}?tag=fresh&tag=by-parameter`, image),
      403,
      'DENIED',
    );
    expectStatus(await clientOf(bob).get('/v2/team/rules/manifests/fresh'), 404);
  });
});

describe('a protected tag', () => {
  it('is created, and then neither moved nor deleted, not even by its digest', async () => {
    expectStatus(await put(clientOf(alice), 'released/rules', 'v2'), 201);
    expectRefusal(await put(clientOf(alice), 'released/rules', 'v2', image), 403, 'DENIED');
    expectStatus(await clientOf(alice).delete('/v2/released/rules/manifests/v2'), 401);
    expectStatus(await clientOf(alice).delete(`/v2/released/rules/manifests/${other.digest}`), 401);
    await expectWhole(clientOf(alice), 'released/rules', other, 'v2');
    expectStatus(await put(clientOf(alice), 'released/rules', 'rolling'), 201);
    expectStatus(await put(clientOf(alice), 'released/rules', 'rolling', image), 201);
    expectStatus(await clientOf(alice).delete('/v2/released/rules/manifests/rolling'), 202);
  });
});

/** Returns the repositories of this file in a page of the catalog, and the path of the next page. */
async function catalog(client: RegistryClient, path = '/v2/_catalog') {
  const answer = await client.get(path);
  expectStatus(answer, 200);
  const { repositories = [] } = answer.json();
  return {
    names: repositories.filter((name) => name.endsWith('/rules')),
    next: /<([^>]+)>/.exec(answer.headers['link'] ?? '')?.[1],
  };
}

describe('the catalog', () => {
  it('shows what the caller may pull', async () => {
    expect((await catalog(anonymous)).names).toEqual(['public/rules']);
    expect((await catalog(clientOf(bob))).names).toEqual(['bob/rules', 'public/rules', 'team/rules']);
    expect((await catalog(clientOf(alice))).names).toEqual([
      'alice/rules',
      'public/rules',
      'released/rules',
      'team/rules',
    ]);
  });

  it('does so page by page', async () => {
    const names: string[] = [];
    let path: string | undefined = '/v2/_catalog?n=1';
    while (path !== undefined) {
      const page = await catalog(clientOf(bob), path);
      names.push(...page.names);
      path = page.next;
    }
    expect(names).toEqual(['bob/rules', 'public/rules', 'team/rules']);
  });
});

describe('a mount', () => {
  it('from a repository that the caller may not pull becomes an upload', async () => {
    const { digest } = image.blobs[0] ?? { digest: '' };
    const from = async (name: string) =>
      (await clientOf(bob).send('POST', `/v2/bob/mounts/blobs/uploads/?mount=${digest}&from=${name}`)).status;
    expect(await from('alice/rules')).toBe(202);
    expect(await from('public/rules')).toBe(201);
  });
});

describe('clients', () => {
  let settings: CommandOptions = {};
  let rootfs = '';
  beforeAll(async () => {
    const folder = await temporaryFolder('rules');
    rootfs = await writeRootfs(folder);
    settings = { cwd: folder, environment: { HOME: folder, DOCKER_CONFIG: join(folder, '.docker') } };
  });

  it('docker pulls without a login what is public, and is refused a push until it logs in', async () => {
    const engine = await startDocker();
    try {
      const { host } = new URL(target.origin);
      const mine = `${imageName('public/docker')}:1`;
      await engine.docker('import', rootfs, mine);
      await expect(engine.docker('push', mine)).rejects.toThrow(/unauthorized|denied|no basic auth/);
      await engine.docker('login', '--username', 'bob', '--password', bob.password, host);
      await expect(engine.docker('push', mine)).rejects.toThrow(/unauthorized|denied|insufficient_scope/);
      await engine.docker('logout', host);
      await engine.docker('login', '--username', 'alice', '--password', alice.password, host);
      await engine.docker('push', mine);
      await engine.docker('logout', host);
      await engine.docker('rmi', mine);
      await engine.docker('pull', mine);
      await expect(engine.docker('pull', `${imageName('team/rules')}:v1`)).rejects.toThrow(
        /unauthorized|denied|not found/,
      );
    } finally {
      await engine.stop();
    }
  });

  it('crane and skopeo pull without a login what is public, and nothing else', async () => {
    await run('crane', ['validate', '--remote', `${imageName('public/docker')}:1`], settings);
    expect((await attempt('crane', ['digest', `${imageName('team/rules')}:v1`], settings)).code).not.toBe(0);
    await run(
      'skopeo',
      ['inspect', '--tls-verify=false', `docker://${imageName('public/docker')}:1`],
      settings,
    );
    const refused = ['inspect', '--tls-verify=false', `docker://${imageName('alice/rules')}:v1`];
    expect((await attempt('skopeo', refused, settings)).code).not.toBe(0);
  });
});
