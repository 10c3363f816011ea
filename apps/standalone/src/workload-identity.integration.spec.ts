import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfiguration } from '@longshore/configuration';
import { migratedDatabase } from '@longshore/metadata/testing';
import { type RunningService, startService } from '@longshore/service-kit';
import { freePort, IdentityProvider, RegistryClient, tinyImage } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { standaloneDefinition } from './compose-standalone.ts';

const audience = 'https://registry.example.com';
const folder = mkdtempSync(join(tmpdir(), 'longshore-workloads-'));
const postgres = await migratedDatabase();
const [github, gitlab, kubernetes, shy] = await Promise.all([
  IdentityProvider.start(),
  IdentityProvider.start(),
  IdentityProvider.start(),
  IdentityProvider.start(),
]);
const origin = `http://127.0.0.1:${await freePort()}`;
let service: RunningService;

/** As GitHub documents them: "OpenID Connect reference", example token. */
const githubClaims = (more: Readonly<Record<string, unknown>> = {}) => ({
  jti: 'example-id',
  sub: 'repo:octo-org/octo-repo:ref:refs/heads/main',
  aud: audience,
  ref: 'refs/heads/main',
  sha: 'example-sha',
  repository: 'octo-org/octo-repo',
  repository_owner: 'octo-org',
  actor_id: '12',
  repository_visibility: 'private',
  repository_id: '74',
  repository_owner_id: '65',
  run_id: 'example-run-id',
  run_number: '10',
  run_attempt: '2',
  runner_environment: 'github-hosted',
  actor: 'octocat',
  workflow: 'example-workflow',
  head_ref: '',
  base_ref: '',
  event_name: 'push',
  ref_type: 'branch',
  job_workflow_ref: 'octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main',
  ...more,
});

/** As GitLab documents them: "OpenID Connect (OIDC) Authentication Using ID Tokens", token payload. */
const gitlabClaims = (more: Readonly<Record<string, unknown>> = {}) => ({
  namespace_id: '72',
  namespace_path: 'my-group',
  project_id: '20',
  project_path: 'my-group/my-project',
  user_id: '1',
  user_login: 'sample-user',
  user_email: 'sample-user@example.com',
  pipeline_id: '574',
  pipeline_source: 'push',
  job_id: '302',
  ref: 'feature-branch-1',
  ref_type: 'branch',
  ref_path: 'refs/heads/feature-branch-1',
  ref_protected: 'true',
  runner_environment: 'self-hosted',
  jti: '235b3a54-b797-45c7-ae9a-f72d7bc6ef5b',
  sub: 'project_path:my-group/my-project:ref_type:branch:ref:feature-branch-1',
  aud: audience,
  ...more,
});

/** As the API server writes them for a service account's projected token. */
const kubernetesClaims = (more: Readonly<Record<string, unknown>> = {}) => ({
  aud: [audience],
  jti: 'a8c1f2d0-0000-4000-8000-000000000000',
  sub: 'system:serviceaccount:team:builder',
  'kubernetes.io': {
    namespace: 'team',
    node: { name: 'node-1', uid: 'n' },
    pod: { name: 'builder-0', uid: 'p' },
    serviceaccount: { name: 'builder', uid: 's' },
  },
  ...more,
});

const settingsOf = (name: string, { issuer }: IdentityProvider, more: object) => ({
  name,
  issuer,
  audience,
  ...more,
});

beforeAll(async () => {
  const keys = join(folder, 'kubernetes.json');
  writeFileSync(keys, JSON.stringify(await kubernetes.keySet()));
  const any = [{ claims: { sub: '**' } }];
  const file = join(folder, 'registry.yml');
  writeFileSync(
    file,
    stringify({
      version: '0.1',
      log: { level: 'error' },
      storage: { inmemory: {} },
      http: { addr: origin.slice('http://'.length), secret: 'secret of a test' },
      egress: { deadline: '1s' },
      access: {
        accounts: 'maintainer',
        rules: [
          {
            name: 'name',
            effect: 'deny',
            subjects: ['workload:kubernetes/team:builder'],
            actions: ['pull'],
            repositories: ['closed/name'],
          },
          {
            name: 'group',
            effect: 'deny',
            subjects: ['group:ci'],
            actions: ['pull'],
            repositories: ['closed/group'],
          },
          {
            name: 'claim',
            effect: 'deny',
            subjects: ['workloads'],
            actions: ['pull'],
            repositories: ['closed/claim'],
            when: 'has(claims.project_path) && claims.project_path == "my-group/my-project"',
          },
        ],
      },
      auth: {
        htpasswd: { path: emptyFile('users') },
        token: {},
        workloads: [
          settingsOf('github', github, {
            rules: [
              {
                claims: { repository_owner_id: '65', repository: 'octo-org/*', event_name: 'push' },
                principal: '{repository}',
                groups: ['ci'],
              },
            ],
          }),
          settingsOf('gitlab', gitlab, {
            jwks: `${gitlab.issuer}/jwks`,
            rules: [
              { claims: { project_path: 'my-group/**', ref_protected: 'true' }, principal: '{project_path}' },
            ],
          }),
          settingsOf('kubernetes', kubernetes, {
            jwks: keys,
            rules: [
              {
                claims: { '/kubernetes.io/namespace': 'team' },
                principal: '{/kubernetes.io/namespace}:{/kubernetes.io/serviceaccount/name}',
              },
            ],
          }),
          settingsOf('shy', shy, { rules: any }),
        ],
      },
    }),
  );
  const configuration = loadConfiguration({ file, environment: {} });
  service = await startService(standaloneDefinition(postgres.url), configuration);
});
afterAll(async () => {
  await service.close();
  await Promise.all([github, gitlab, kubernetes, shy].map((provider) => provider.stop()));
  await postgres.drop();
  rmSync(folder, { recursive: true });
});

function emptyFile(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  return path;
}

const basic = (password: string, username = 'oauth2accesstoken'): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

const status = async (authorization: string): Promise<number> =>
  (await fetch(`${origin}/v2/`, { headers: { authorization } })).status;

interface TokenBody {
  readonly access_token: string;
  readonly expires_in: number;
  readonly [field: string]: unknown;
}

async function exchanged(
  fields: Readonly<Record<string, string>>,
): Promise<[status: number, body: TokenBody]> {
  const answer = await fetch(`${origin}/auth/token`, { method: 'POST', body: new URLSearchParams(fields) });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the assertions below look at the fields
  return [answer.status, (await answer.json()) as TokenBody];
}

const exchange = (token: string, more: Readonly<Record<string, string>> = {}) =>
  exchanged({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    audience: 'longshore',
    scope: 'repository:team/app:pull,push',
    ...more,
  });

const payload = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

const providers = [
  ['GitHub Actions', () => github.sign(githubClaims()), 'github/octo-org/octo-repo'],
  ['GitLab CI', () => gitlab.sign(gitlabClaims()), 'gitlab/my-group/my-project'],
  ['Kubernetes, with a key file', () => kubernetes.sign(kubernetesClaims()), 'kubernetes/team:builder'],
] as const;

describe.each(providers)('a token of %s', (_, token, subject) => {
  it('is accepted as Bearer, and pushes and pulls an image', async () => {
    const registry = new RegistryClient(origin, { headers: { authorization: `Bearer ${await token()}` } });
    await registry.pushImage('team/app', tinyImage({ content: subject }), 'latest');
    expect((await registry.get('/v2/team/app/manifests/latest')).status).toBe(200);
  });

  it('is accepted as the password of Basic, with any user name', async () => {
    expect(await status(basic(await token()))).toBe(200);
    expect(await status(basic(await token(), '_'))).toBe(200);
  });

  it('is exchanged for a token of the registry that names the workload (RFC 8693)', async () => {
    const [code, body] = await exchange(await token());
    expect([code, body]).toEqual([
      200,
      expect.objectContaining({
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'repository:team/app:pull,push',
      }),
    ]);
    expect(payload(body.access_token)).toMatchObject({
      sub: subject,
      longshore: { kind: 'workload', claims: { aud: expect.anything() } },
    });
    expect(await status(`Bearer ${body.access_token}`)).toBe(200);
  });

  it('is a password at the token endpoint, as docker login and container runtimes send it', async () => {
    const header = { authorization: basic(await token()) };
    const got = await fetch(`${origin}/auth/token?scope=repository:team/app:pull&offline_token=true`, {
      headers: header,
    });
    const body: unknown = await got.json();
    expect([got.status, body]).toEqual([200, expect.objectContaining({ access_token: expect.any(String) })]);
    expect(body).not.toHaveProperty('refresh_token');
    const [code] = await exchanged({
      grant_type: 'password',
      username: 'any',
      password: await token(),
      service: 'longshore',
      client_id: 'containerd',
    });
    expect(code).toBe(200);
  });
});

describe('a token of the registry for a workload', () => {
  it('ends with the token that it was got with', async () => {
    const exp = Math.floor(Date.now() / 1000) + 40;
    const [, body] = await exchange(await github.sign(githubClaims({ exp })));
    expect(body.expires_in).toBeLessThanOrEqual(40);
    expect(payload(body.access_token)['exp']).toBeLessThanOrEqual(exp);
  });

  it.each([
    ['another type of token', { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 400],
    ['an actor', { actor_token: 'x' }, 400],
    ['a refresh token', { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 400],
    ['another audience', { audience: 'elsewhere' }, 400],
    ['a service beside another audience', { service: 'elsewhere' }, 400],
    ['no token', { subject_token: '' }, 400],
    ['something else', { subject_token: 'secret' }, 401],
  ])('is not given for %s', async (_, fields, expected) => {
    const [code] = await exchange(await github.sign(githubClaims()), fields);
    expect(code).toBe(expected);
  });

  it('does not buy another one', async () => {
    const [, body] = await exchange(await github.sign(githubClaims()));
    expect((await exchange(body.access_token))[0]).toBe(401);
    expect(await status(basic(body.access_token))).toBe(401);
  });
});

const unsigned = (header: object): string =>
  [header, { ...githubClaims(), iss: github.issuer, exp: Date.now() }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');

const pull = async (bearer: string, name: string): Promise<number> => {
  const headers = { authorization: `Bearer ${bearer}` };
  return (await fetch(`${origin}/v2/${name}/manifests/1`, { headers })).status;
};

describe('the rules of access', () => {
  it.each([
    ['name', 'its name', () => kubernetes.sign(kubernetesClaims())],
    ['group', 'its group', () => github.sign(githubClaims())],
    ['claim', 'its claims', () => gitlab.sign(gitlabClaims())],
  ] as const)(
    'closed/%s: know a workload by %s, also by a token that it got in exchange',
    async (closed, _, sign) => {
      const token = await sign();
      const scope = `repository:closed/${closed}:pull repository:closed/other:pull`;
      const [, body] = await exchange(token, { scope });
      expect(body['scope']).toBe('repository:closed/other:pull');
      for (const bearer of [token, body.access_token])
        expect([await pull(bearer, `closed/${closed}`), await pull(bearer, 'closed/other')]).toEqual([
          401, 404,
        ]);
    },
  );
});

describe('a token that is not for this registry', () => {
  const refused: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['another audience', () => github.sign(githubClaims({ aud: 'https://github.com/octo-org' }))],
    ['our audience among others', () => github.sign(githubClaims({ aud: [audience, 'https://b.example'] }))],
    [
      'another issuer',
      () => github.sign(githubClaims({ iss: 'https://token.actions.githubusercontent.com' })),
    ],
    ['another provider’s issuer', () => github.sign(githubClaims({ iss: gitlab.issuer }))],
    ['an expired one', () => github.sign(githubClaims({ exp: 1 }))],
    [
      'one that no rule matches: a pull request',
      () => github.sign(githubClaims({ event_name: 'pull_request' })),
    ],
    [
      'one of another owner with the same name',
      () => github.sign(githubClaims({ repository_owner_id: '66' })),
    ],
    ['alg none', () => `${unsigned({ alg: 'none', kid: 'key-1' })}.`],
    ['alg none with a signature', () => `${unsigned({ alg: 'none', kid: 'key-1' })}.AAAA`],
    [
      'HS256 with the public key',
      async () => {
        const input = unsigned({ alg: 'HS256', kid: 'key-1' });
        const secret = JSON.stringify((await github.keySet()).keys[0]);
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      },
    ],
    [
      'a nested one',
      async () => {
        const inner = Buffer.from(await github.sign(githubClaims())).toString('base64url');
        return `${Buffer.from('{"alg":"RS256","cty":"JWT","kid":"key-1"}').toString('base64url')}.${inner}.AAAA`;
      },
    ],
    ['a path as key id', () => github.sign(githubClaims(), { kid: '../../../../dev/null' })],
    [
      'an address of keys',
      () => shy.sign(githubClaims({ iss: github.issuer }), { jku: `${shy.issuer}/jwks` }),
    ],
  ];

  it.each(refused)('is refused with 401, however it is sent: %s', async (_, make) => {
    const token = await make();
    const [code, body] = await exchange(token);
    expect([await status(`Bearer ${token}`), await status(basic(token)), code]).toEqual([401, 401, 401]);
    expect(JSON.stringify(body)).not.toContain(token.slice(0, 40));
  });

  it('makes the registry ask for no address that the token names', () => {
    expect(shy.asked).toEqual([]);
  });
});

describe('the keys of a provider', () => {
  it('rotate without a failed request', async () => {
    const before = await gitlab.sign(gitlabClaims());
    await gitlab.rotate();
    const after = await gitlab.sign(gitlabClaims());
    await sleep(2000); // The longest time for which auth-service does not ask again.
    const answers = [
      await status(`Bearer ${before}`),
      await status(`Bearer ${after}`),
      await status(basic(after)),
    ];
    expect(answers).toEqual([200, 200, 200]);
    expect((await exchange(after))[0]).toBe(200);
  });

  it('are asked for a few times, however many invented key ids come', async () => {
    const asked = github.asked.length;
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async (_, index) =>
        status(`Bearer ${await github.sign(githubClaims(), { kid: `none-${index}` })}`),
      ),
    );
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(github.asked.length - asked).toBeLessThanOrEqual(4);
  });

  it('stay while the provider is away', async () => {
    github.mood = 'away';
    expect(await status(`Bearer ${await github.sign(githubClaims({ jti: 'away' }))}`)).toBe(200);
    expect((await exchange(await github.sign(githubClaims({ jti: 'away too' }))))[0]).toBe(200);
    github.mood = 'well';
  });

  it.each(['away', 'huge', 'slow', 'redirects', 'another issuer', 'nonsense'] as const)(
    'that never came are no refusal, in bounded time and memory (%s)',
    async (mood) => {
      shy.mood = mood;
      const token = await shy.sign({ sub: 'a', aud: audience });
      const [began, memory] = [performance.now(), process.memoryUsage().rss];
      const answers = await Promise.all([status(`Bearer ${token}`), status(basic(token))]);
      expect(answers).toEqual([503, 503]);
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(process.memoryUsage().rss - memory).toBeLessThan(80e6);
      expect(shy.asked).not.toContain('/elsewhere');
    },
  );

  it('come as soon as the provider answers', async () => {
    shy.mood = 'well';
    const token = await shy.sign({ sub: 'a', aud: audience });
    await expect.poll(() => status(`Bearer ${token}`), { timeout: 10_000 }).toBe(200);
  });
});
