import { generateKeyPairSync, sign } from 'node:crypto';
import { type Action, type RouteId, routes } from '@longshore/oci';
import { RegistryClient, tinyImage } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alice, basic, bob } from '../support/credentials.ts';
import { everyRequest, type RouteRequest } from '../support/matrix.ts';
import { clientOf, serviceProcesses, target } from '../support/target.ts';
import { tokenFor } from '../support/tokens.ts';

type User = 'alice' | 'bob' | undefined;

/** What the rules of the suite's configuration (accessRules) allow, written by hand. */
function ruled(user: User, action: Action, repository: string): boolean {
  if (repository.startsWith('public/')) return action === 'pull' || user === 'alice';
  if (repository.startsWith('team/')) return user === 'alice' || (user === 'bob' && action !== 'delete');
  return user !== undefined && repository.startsWith(`${user}/`);
}

/** A public repository, one of a team, the own one of each user, one that does not exist, and one that nobody may see. */
const repositories = ['public/app', 'team/app', 'alice/app', 'bob/app', 'team/absent', 'nobody/app'] as const;

interface Credentials {
  readonly name: string;
  /** Undefined: none are sent. */
  readonly authorization: string | undefined;
  /** The user that they identify. `refused`: they identify nobody. */
  readonly user: User | 'refused';
  /** The scopes of a token that were granted; undefined for a password. */
  readonly scopes?: readonly string[];
}

const sending: Credentials[] = [
  { name: 'no credentials', authorization: undefined, user: undefined },
  { name: 'a wrong password', authorization: basic({ ...alice, password: 'no' }), user: 'refused' },
  { name: 'an unknown account', authorization: basic({ username: 'eve', password: 'no' }), user: 'refused' },
  { name: 'a maintainer', authorization: basic(alice), user: 'alice' },
  { name: 'a writer', authorization: basic(bob), user: 'bob' },
  { name: 'a token that is none', authorization: 'Bearer nonsense', user: 'refused' },
  { name: 'a forged token', authorization: `Bearer ${forged({})}`, user: 'refused' },
  {
    name: 'a forged token of another issuer',
    authorization: `Bearer ${forged({ iss: 'other' })}`,
    user: 'refused',
  },
  {
    name: 'a forged token for another registry',
    authorization: `Bearer ${forged({ aud: 'x' })}`,
    user: 'refused',
  },
  { name: 'an expired forged token', authorization: `Bearer ${forged({ exp: 1 })}`, user: 'refused' },
  { name: 'an unknown scheme', authorization: 'Digest username="alice"', user: 'refused' },
];

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function forged(about: object): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Math.floor(Date.now() / 1000);
  const access = repositories.map((name) => ({ type: 'repository', name, actions: ['*'] }));
  const claims = {
    iss: 'registry.test',
    aud: 'registry.test',
    sub: 'alice',
    iat: now,
    exp: now + 300,
    access,
    ...about,
  };
  const text = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

async function bearers(): Promise<Credentials[]> {
  const holders = [
    { who: 'nobody', account: undefined, user: undefined },
    { who: 'a maintainer', account: alice, user: 'alice' },
    { who: 'a writer', account: bob, user: 'bob' },
  ] as const;
  const wanted = [
    { of: 'to pull everywhere', scopes: repositories.map((name) => `repository:${name}:pull`) },
    { of: 'for everything', scopes: repositories.map((name) => `repository:${name}:*`) },
    { of: 'to pull and push for one repository', scopes: ['repository:team/app:pull,push'] },
    { of: 'to delete in one repository', scopes: ['repository:public/app:delete'] },
    { of: 'for the catalog', scopes: ['registry:catalog:*'] },
    { of: 'without scopes', scopes: [] },
  ] as const;
  return Promise.all(
    holders.flatMap(({ who, account, user }) =>
      wanted.map(async ({ of, scopes }): Promise<Credentials> => ({
        name: `a token of ${who} ${of}`,
        authorization: `Bearer ${await tokenFor(account, scopes)}`,
        user,
        scopes,
      })),
    ),
  );
}

const covers = (scopes: readonly string[], type: string, name: string, action: Action): boolean =>
  scopes.some((scope) => {
    const [scoped, of, actions = ''] = scope.split(':');
    return scoped === type && of === name && (actions === '*' || actions.split(',').includes(action));
  });

/** Tells whether the rules and the credentials open a route. Otherwise the answer is a challenge. */
function isOpen({ user, scopes, authorization }: Credentials, id: RouteId, repository: string): boolean {
  if (user === 'refused') return false;
  const { access } = routes[id];
  if (access.kind === 'identity') return authorization !== undefined;
  // Everybody may list something here, so everybody may ask for the catalog.
  if (access.kind === 'registry') return scopes === undefined || covers(scopes, 'registry', 'catalog', '*');
  return access.actions.every(
    (action) =>
      ruled(user, action, repository) &&
      (scopes === undefined || covers(scopes, 'repository', repository, action)),
  );
}

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
  sending.push(...(await bearers()));
  if (target.form === 'cluster') direct = (await serviceProcesses('longshore-blob-service'))[0]?.http;
});

afterAll(() => console.log(`measured: ${cases} requests of the matrix of access`));

/** Sends a request of the matrix, and returns its outcome in words. */
async function outcomeOf(
  origin: string,
  { id, method, path }: RouteRequest,
  { name, authorization }: Credentials,
) {
  cases++;
  const headers = authorization === undefined ? {} : { authorization };
  const answer = await new RegistryClient(origin).send(method, path, { headers });
  const challenged = answer.headers['www-authenticate']?.startsWith('Bearer realm="') === true;
  const outcome =
    answer.status === 401 && challenged
      ? 'challenged'
      : answer.status < 400 || answer.status === 404
        ? 'open'
        : undefined;
  // These answer an admitted request that has no body, or names an unknown session.
  const admitted = [400, 405, 416].includes(answer.status) ? 'open' : String(answer.status);
  return `${name}: ${method} of ${id}: ${outcome ?? admitted}`;
}

// Tokens exist only once the registry runs, so each test walks all credentials.
describe.each(repositories)('%s', (repository) => {
  it('is open to whom the rules and the credentials allow, on every route, and to nobody else', async () => {
    const outcomes: string[] = [];
    const expected: string[] = [];
    for (const credentials of sending) {
      for (const request of everyRequest(repository)) {
        const { id, method } = request;
        const isStraight = direct !== undefined && routes[id].owner === 'blob-service';
        const origins = isStraight ? [target.origin, `http://${direct}`] : [target.origin];
        const open = isOpen(credentials, id, repository) ? 'open' : 'challenged';
        for (const origin of origins) {
          outcomes.push(await outcomeOf(origin, request, credentials));
          expected.push(`${credentials.name}: ${method} of ${id}: ${open}`);
        }
      }
    }
    expect(outcomes).toEqual(expected);
  });

  it('is refused in the same words whether it exists or not', async () => {
    const client = new RegistryClient(target.origin, {
      headers: { authorization: `Bearer ${await tokenFor(undefined, [])}` },
    });
    const [there, absent] = await Promise.all([
      client.get(`/v2/${repository}/manifests/latest`),
      client.get('/v2/nobody/nothing/manifests/latest'),
    ]);
    expect(there.body).toEqual(absent.body);
    expect(there.status).toBe(absent.status);
  });
});
