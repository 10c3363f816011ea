/** A fault that a registry, or a library of its kind, once had, and the test that would find it here. */
export interface Advisory {
  readonly ids: readonly string[];
  readonly where: string;
  readonly happened: string;
  readonly tests: readonly AdvisoryTest[];
}

export interface AdvisoryTest {
  readonly file: string;
  /** The beginning of its title, as the file has it. */
  readonly title: string;
}

const test = (file: string, title: string): AdvisoryTest => ({ file, title });
const verifier = 'libs/authorization/src/tokens/token-verifier.spec.ts';
const badCredentials = test(
  'libs/service-kit/src/access/bad-credentials.spec.ts',
  'are refused with 401, at once',
);
const assertions = test('libs/authorization/src/tokens/assertions.spec.ts', 'is refused: %s');
const login = 'apps/standalone/src/login.integration.spec.ts';
const matrix = 'e2e/src/access-rules/matrix.e2e.ts';
const tenants = 'e2e/src/access-rules/tenants.e2e.ts';
const rules = 'e2e/src/access-rules/rules.e2e.ts';
const everyRoute = test(matrix, 'is open to whom the rules and the credentials allow');

export const authentication: readonly Advisory[] = [
  {
    ids: ['CVE-2025-24976'],
    where: 'distribution',
    happened: 'a key in the token’s own header was trusted if its id was known',
    tests: [test(verifier, 'refuses keys that a token brings along')],
  },
  {
    ids: ['CVE-2026-44699'],
    where: 'libjwt',
    happened: 'a public key served as the secret of HS256',
    tests: [badCredentials, assertions],
  },
  {
    ids: ['CVE-2025-30204', 'CVE-2025-66506'],
    where: 'golang-jwt, Fulcio',
    happened: 'a token with many dots took memory in proportion',
    tests: [badCredentials, test('e2e/src/abuse/framing.e2e.ts', 'a bearer token of a megabyte of dots')],
  },
  {
    ids: ['CVE-2025-23208'],
    where: 'zot',
    happened: 'a group that the provider took away stayed',
    tests: [test(login, 'loses a group, and then the session')],
  },
  {
    ids: ['CVE-2025-48374', 'GHSA-prh4-vhfh-24mj'],
    where: 'zot, Harbor, distribution',
    happened: 'secrets stood in logs and audit rows',
    tests: [
      test('libs/telemetry/src/logger.spec.ts', 'lets no canary through'),
      test('libs/service-kit/src/observation/audit-entry.spec.ts', 'holds nothing of a password or token'),
      test('libs/service-kit/src/observation/logged-target.spec.ts', 'of %s is %s'),
    ],
  },
  {
    ids: ['CVE-2023-20902', 'CVE-2025-59350'],
    where: 'Harbor, Dragonfly',
    happened: 'the time of an answer told of a secret or an account',
    tests: [
      test('apps/auth-service/src/accounts/accounts.integration.spec.ts', 'take as long for an unknown name'),
    ],
  },
  {
    ids: ['CVE-2020-13794', 'CVE-2019-19030'],
    where: 'Harbor',
    happened: 'accounts and projects could be enumerated',
    tests: [
      test(matrix, 'is refused in the same words whether it exists or not'),
      test('e2e/src/access-token/token.e2e.ts', 'refuses a wrong password and an unknown account alike'),
    ],
  },
  {
    ids: ['GHSA-cc8w-r4qh-3v65'],
    where: 'Gitea',
    happened: 'the limits of an access token held for Basic, and not for Bearer',
    tests: [
      test(
        'libs/service-kit/src/access/access-control.spec.ts',
        'takes an access token as Bearer and as the password',
      ),
      test('libs/authorization/src/policy/policy-rights.spec.ts', 'limits an access token to its actions'),
    ],
  },
  {
    ids: ['zot #4243'],
    where: 'zot',
    happened: 'an odd spelling of the Authorization header was read differently in two places',
    tests: [
      test(
        'libs/authorization/src/parse-authorization.spec.ts',
        'never treats an unreadable header as anonymous',
      ),
      badCredentials,
    ],
  },
  {
    ids: ['CVE-2026-44428'],
    where: 'MCP registry',
    happened: 'a token for another service with the same audience was accepted',
    tests: [assertions],
  },
  {
    ids: ['GHSA-7qjx-gp9h-65qj'],
    where: 'Dex',
    happened: 'one kind of grant did not ask the policy',
    tests: [
      test('apps/auth-service/src/tokens/grants-for.spec.ts', 'never grants more than the request'),
      test('apps/standalone/src/workload-identity.integration.spec.ts', 'the rules of access'),
    ],
  },
  {
    ids: ['CVE-2026-49478', 'CVE-2026-22772'],
    where: 'Fulcio',
    happened: 'discovery followed redirects to other keys and inner addresses',
    tests: [
      test('libs/service-kit/src/egress/egress.spec.ts', 'refuses a redirect (%s)'),
      test('libs/service-kit/src/egress/egress.spec.ts', 'refuses the address %s'),
      test('apps/auth-service/src/oidc/provider.spec.ts', 'is refused if it %s, in bounded time'),
    ],
  },
  {
    ids: ['Harbor 68fffc61b1', 'CVE-2021-44532'],
    where: 'Harbor, Node',
    happened: 'one account had the name of another kind',
    tests: [
      test('libs/authorization/src/accounts/account-name.spec.ts', 'accepts no second spelling'),
      test(login, 'never gives an account to another person'),
      test(
        'libs/authorization/src/certificates/certificate-accounts.spec.ts',
        'a certificate that tries to have the name',
      ),
    ],
  },
  {
    ids: ['CVE-2024-22244', 'Quay a97ca5c23'],
    where: 'Harbor, Quay',
    happened: 'a login led to a foreign page, or was taken over without `state`',
    tests: [
      test(login, 'asks the provider with PKCE, state and nonce, for the fixed redirect URI'),
      test(login, 'refuses a callback that is replayed'),
    ],
  },
  {
    ids: ['CVE-2019-19025'],
    where: 'Harbor',
    happened: 'a form of another site acted for the person',
    tests: [test(login, 'is not logged out by a form with %s')],
  },
  {
    ids: ['CVE-2024-23656', 'CVE-2021-32026'],
    where: 'Dex, NATS',
    happened: 'the configured versions and suites of TLS were dropped',
    tests: [
      test('libs/service-kit/src/bootstrap/tls-versions.spec.ts', 'offers TLS 1.2 and 1.3'),
      test('libs/service-kit/src/bootstrap/tls-versions.spec.ts', 'offers the usual suites of TLS 1.3'),
    ],
  },
];

export const authorization: readonly Advisory[] = [
  {
    ids: ['CVE-2026-32589'],
    where: 'Quay',
    happened: 'an upload could be continued from another repository by its id',
    tests: [test(tenants, 'is unknown under either name, and its bytes stay')],
  },
  {
    ids: ['CVE-2026-27771'],
    where: 'Gitea, Forgejo',
    happened: 'reads under /v2 skipped the check of private repositories',
    tests: [everyRoute],
  },
  {
    ids: ['CVE-2022-46463'],
    where: 'Harbor, artifact-keeper',
    happened: 'lists showed more than the caller may pull',
    tests: [test(rules, 'shows what the caller may pull'), test(rules, 'does so page by page')],
  },
  {
    ids: ['CVE-2020-29662'],
    where: 'Harbor',
    happened: 'another spelling of the catalog’s path was not guarded',
    tests: [test(tenants, '%s shows nothing of another tenant')],
  },
  {
    ids: ['CVE-2024-39897'],
    where: 'zot, OpenShift',
    happened: 'a blob was served to whoever knew its digest',
    tests: [
      test(tenants, 'is not found by %s in a repository of one’s own'),
      test(
        'e2e/src/behaviour/pull.e2e.ts',
        'opens nothing by a digest that is known from another repository',
      ),
    ],
  },
  {
    ids: ['origin#9819'],
    where: 'OpenShift and others',
    happened: 'a mount did not ask for the right to pull from its source',
    tests: [
      test(rules, 'from a repository that the caller may not pull becomes an upload'),
      test(tenants, 'is not mounted (%s), with one answer whether it exists or not'),
    ],
  },
  {
    ids: ['Harbor 8b8223313b'],
    where: 'Harbor',
    happened: 'a token outlived the repository, and opened the next one of the same name',
    tests: [
      test('apps/auth-service/src/access/access.integration.spec.ts', 'refuse a token when %s is marked'),
    ],
  },
  {
    ids: ['GHSA-qg67-7m6v-qg25'],
    where: 'zot',
    happened: 'a token to push could delete',
    tests: [test('e2e/src/access-token/token.e2e.ts', 'to push does not delete'), everyRoute],
  },
  {
    ids: ['CVE-2026-31801', 'GHSA-85jx-fm8m-x8c6'],
    where: 'zot',
    happened: 'who may create tags could move them',
    tests: [test(rules, 'creates tags and moves none'), test(rules, 'moves no tag by a parameter either')],
  },
  {
    ids: ['Quay 318f2ecdd'],
    where: 'Quay',
    happened: 'a deletion by digest took protected tags along',
    tests: [test(rules, 'is created, and then neither moved nor deleted, not even by its digest')],
  },
  {
    ids: ['CVE-2025-32019'],
    where: 'Harbor',
    happened: 'text of a user became a script of a page',
    tests: [
      test('e2e/src/behaviour/pull.e2e.ts', 'cannot be taken for a page by a browser'),
      test(login, 'guards its pages and its cookies'),
    ],
  },
];
