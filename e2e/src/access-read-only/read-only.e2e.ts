import { join } from 'node:path';
import { accessPolicy, loadConfiguration } from '@longshore/configuration';
import { tinyImage } from '@longshore/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessRules } from '../runner/access-rules.ts';
import { type Registry, startRegistry, temporaryHome } from '../runner/registry.ts';
import { nobody, refused, user, walk } from '../support/access-matrix.ts';
import { alice, basic, bob } from '../support/credentials.ts';
import { expectWhole } from '../support/expectations.ts';
import { clientOf } from '../support/target.ts';

const repositories = ['public/app', 'team/app', 'alice/app', 'bob/app', 'team/absent'] as const;
const image = tinyImage({ content: 'read only' });
const credentials = [
  { name: 'no credentials', holder: nobody },
  { name: 'a maintainer', authorization: basic(alice), holder: user('alice') },
  { name: 'a writer', authorization: basic(bob), holder: user('bob') },
  refused('a wrong password', basic({ ...alice, password: 'no' })),
];

let registry: Registry;
const start = (home: string, environment: Readonly<Record<string, string>> = {}): Promise<Registry> =>
  startRegistry({ form: 'standalone', home, configuration: accessRules, environment });

beforeAll(async () => {
  const home = await temporaryHome();
  registry = await start(home);
  for (const name of ['public/app', 'team/app', 'alice/app'])
    await clientOf(alice, registry.origin).pushImage(name, image, 'latest');
  await clientOf(bob, registry.origin).pushImage('bob/app', image, 'latest');
  await registry.stop();
  registry = await start(home, { REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED: 'true' });
}, 120_000);
afterAll(async () => {
  await registry.stop();
  await registry.discard();
});

it('a read-only registry refuses every write to those who may write, and tells nobody else that it is one', async () => {
  const policy = await accessPolicy(
    loadConfiguration({ file: join(registry.home, 'config.yml'), environment: {} }),
  );
  let cases = 0;
  for (const repository of repositories) {
    const walked = { policy, credentials, originsOf: () => [registry.origin], isReadOnly: true } as const;
    const { requests, wrong } = await walk(walked, repository);
    cases += requests;
    expect(wrong, wrong.slice(0, 5).join('\n')).toEqual([]);
  }
  await expectWhole(clientOf(alice, registry.origin), 'team/app', image, 'latest');
  console.log(`measured: ${cases} requests of the matrix of access, read-only`);
});
