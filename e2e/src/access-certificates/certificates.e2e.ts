import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { accessPolicy, loadConfiguration } from '@longshore/configuration';
import { RegistryClient, TestAuthority, type TestCertificate, tinyImage } from '@longshore/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certified } from '../runner/access-rules.ts';
import { type Registry, startRegistry } from '../runner/registry.ts';
import { type Credentials, nobody, user, walk, workload } from '../support/access-matrix.ts';
import { alice, basic, bob } from '../support/credentials.ts';

const authority = new TestAuthority('ours');
const strangers = new TestAuthority('theirs');
afterAll(() => [authority, strangers].forEach((each) => each.remove()));

const own = authority.issue({ names: ['IP:127.0.0.1'] });
const certificates = {
  alice: authority.issue({ subject: '/CN=alice' }),
  bob: authority.issue({ subject: '/CN=bob' }),
  builder: authority.issue({ subject: '/CN=any', names: ['URI:spiffe://registry.test/builder'] }),
  stranger: authority.issue({ subject: '/CN=carla' }),
  revoked: authority.issue({ subject: '/CN=alice' }),
  foreign: strangers.issue({ subject: '/CN=alice' }),
};
authority.revoke(certificates.revoked);
const revoked = join(authority.folder, 'revoked.pem');
writeFileSync(revoked, authority.revocationList());

/** Returns the connections of a client. */
function connection(certificate?: TestCertificate): Agent {
  const shown = certificate && { cert: certificate.cert, key: certificate.secret };
  return new Agent({ ca: authority.pem, keepAlive: true, ...shown });
}

const modes = ['verify-client-cert-if-given', 'require-and-verify-client-cert'] as const;
const withoutOne = {
  'verify-client-cert-if-given': { nobody, alice: user('alice') },
  'require-and-verify-client-cert': { nobody: 'cut off', alice: 'cut off' },
} as const;

function credentialsIn(mode: (typeof modes)[number]): Credentials[] {
  const { builder, stranger, revoked: former, foreign, ...people } = certificates;
  const bare = withoutOne[mode];
  return [
    { name: 'a maintainer', agent: connection(people.alice), holder: user('alice') },
    { name: 'a writer', agent: connection(people.bob), holder: user('bob') },
    { name: 'a workload', agent: connection(builder), holder: workload('ci/builder') },
    { name: 'an account without rules', agent: connection(stranger), holder: user('carla') },
    {
      name: 'a certificate beside a password of another account',
      agent: connection(people.alice),
      authorization: basic(bob),
      holder: user('bob'),
    },
    {
      name: 'a certificate beside a wrong password',
      agent: connection(people.alice),
      authorization: basic({ ...alice, password: 'no' }),
      holder: 'refused',
    },
    { name: 'a revoked certificate', agent: connection(former), holder: 'cut off' },
    {
      name: 'a revoked certificate beside a password',
      agent: connection(former),
      authorization: basic(alice),
      holder: 'cut off',
    },
    { name: 'a certificate of another authority', agent: connection(foreign), holder: 'cut off' },
    { name: 'no certificate', agent: connection(), holder: bare.nobody },
    {
      name: 'a password without a certificate',
      agent: connection(),
      authorization: basic(alice),
      holder: bare.alice,
    },
  ];
}

let registry: Registry | undefined;
let cases = 0;
afterAll(() => console.log(`measured: ${cases} requests of the matrix of access with certificates`));
afterEach(async () => {
  await registry?.stop();
  await registry?.discard();
});

const repositories = ['public/app', 'team/app', 'alice/app', 'bob/app', 'nobody/app'] as const;

describe.each(modes)('with %s', (mode) => {
  let origin = '';
  beforeEach(async () => {
    const agent = connection(certificates.alice);
    registry = await startRegistry({
      form: 'standalone',
      configuration: certified({ ...own, authority: authority.certificate, revoked, mode }),
      answers: async (port) => {
        const client = new RegistryClient(`https://127.0.0.1:${port}`);
        return client.send('GET', '/v2/', { agent }).then(
          ({ status }) => status === 200,
          () => false,
        );
      },
    });
    origin = registry.origin.replace('http:', 'https:');
    const image = tinyImage({ content: mode });
    const pushing = new RegistryClient(origin, { agent });
    for (const name of ['public/app', 'team/app', 'alice/app'])
      await pushing.pushImage(name, image, 'latest');
  });

  it('certificates open what the rules allow their accounts, and nothing else', async () => {
    const policy = await accessPolicy(
      loadConfiguration({ file: join(registry?.home ?? '', 'config.yml'), environment: {} }),
    );
    const credentials = credentialsIn(mode);
    for (const repository of repositories) {
      const { requests, wrong } = await walk({ policy, credentials, originsOf: () => [origin] }, repository);
      cases += requests;
      expect(wrong, wrong.slice(0, 5).join('\n')).toEqual([]);
    }
    for (const { agent } of credentials) agent?.destroy();
  });
});
