import { join } from 'node:path';
import { accessPolicy, loadConfiguration } from '@longshore/configuration';
import { type RouteId, routes } from '@longshore/oci';
import { RegistryClient, tinyImage } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Credentials, walk } from '../support/access-matrix.ts';
import { alice, basic, bob } from '../support/credentials.ts';
import { leaksIn, type Secret, secretsOf } from '../support/leaks.ts';
import { longshore } from '../support/longshore.ts';
import { client, clientOf, serviceProcesses, target } from '../support/target.ts';
import { tokenFor } from '../support/tokens.ts';
import { accessTokens } from './credentials/access-tokens.ts';
import { plainCredentials } from './credentials/headers.ts';
import { sessions } from './credentials/people.ts';
import { deleted, recreated, tokensFromBefore } from './credentials/recreated.ts';
import { scopedTokens } from './credentials/scoped-tokens.ts';
import { workloads } from './credentials/workloads.ts';

/** A public one, one of a team, the own one of each user, one that does not exist, one that nobody may see, and those that were deleted. */
const repositories = [
  'public/app',
  'team/app',
  'alice/app',
  'bob/app',
  'team/absent',
  'nobody/app',
  recreated,
  deleted,
] as const;

const policy = await accessPolicy(
  loadConfiguration({ file: join(target.home, 'config.yml'), environment: {} }),
);
const sending: Credentials[] = plainCredentials(repositories);
let stop = () => Promise.resolve();
let cases = 0;
let direct: string | undefined;

beforeAll(async () => {
  for (const [account, name] of [
    [alice, 'public/app'],
    [bob, 'team/app'],
    [alice, 'alice/app'],
    [bob, 'bob/app'],
  ] as const)
    await clientOf(account).pushImage(name, tinyImage({ content: name }), 'latest');
  sending.push(...(await tokensFromBefore()));
  sending.push(...(await scopedTokens(repositories)));
  sending.push(...(await sessions(repositories)));
  sending.push(...(await accessTokens(repositories)));
  const { credentials, stop: end } = await workloads(repositories);
  sending.push(...credentials);
  stop = end;
  if (target.form === 'cluster') direct = (await serviceProcesses('longshore-blob-service'))[0]?.http;
});

afterAll(async () => {
  await stop();
  console.log(`measured: ${cases} requests of the matrix of access, with ${sending.length} credentials`);
});

/** In the cluster, blob-service is also asked straight. */
const originsOf = (id: RouteId): readonly string[] =>
  direct !== undefined && routes[id].owner === 'blob-service'
    ? [target.origin, `http://${direct}`]
    : [target.origin];

// Tokens exist only once the registry runs, so each test walks all credentials.
describe.each(repositories)('%s', (repository) => {
  it('is open to whom the rules and the credentials allow, on every route, and to nobody else', async () => {
    const { requests, wrong } = await walk({ policy, credentials: sending, originsOf }, repository);
    cases += requests;
    expect(wrong, wrong.slice(0, 5).join('\n')).toEqual([]);
  });

  it('is refused in the same words whether it exists or not', async () => {
    const nobody = new RegistryClient(target.origin, {
      headers: { authorization: `Bearer ${await tokenFor(undefined, [])}` },
    });
    const [there, absent] = await Promise.all([
      nobody.get(`/v2/${repository}/manifests/latest`),
      nobody.get('/v2/nobody/nothing/manifests/latest'),
    ]);
    expect(there.body).toEqual(absent.body);
    expect(there.status).toBe(absent.status);
  });
});

describe('the secrets of all these requests', () => {
  let secrets: readonly Secret[] = [];
  beforeAll(async () => {
    secrets = sending.flatMap(({ name, authorization }) =>
      authorization === undefined ? [] : secretsOf(name, authorization),
    );
    // People put them where a name belongs. More would wait long: they are wrong passwords of one address.
    for (const { text } of secrets.filter((_, index) => index % 10 === 0))
      await client.get('/v2/', { authorization: basic({ username: text, password: 'x-oauth-basic' }) });
  }, 120_000);

  it('stand in no file of the registry: no log, no table, no store', async () => {
    expect(secrets.length).toBeGreaterThan(50);
    expect(await leaksIn(target.home, secrets, (file) => file === join(target.home, 'config.yml'))).toEqual(
      [],
    );
  });

  it('stand in none of the newest entries of the audit log', async () => {
    const entries = await longshore('audit', 'list', '--json');
    expect(JSON.parse(entries).length).toBeGreaterThan(100);
    expect(secrets.filter(({ text }) => entries.includes(text)).map(({ name }) => name)).toEqual([]);
  });
});
