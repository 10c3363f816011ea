import { once } from 'node:events';
import { createServer } from 'node:net';
import { codeOf } from '../values/code-of.ts';
import { FileKeys, type KeyFiles } from '@longshore/authorization';
import { parseAddress } from '@longshore/fields';
import { ConfigurationError, type Problem } from '../configuration-error.ts';
import { isExternal } from '../fragments/auth.ts';
import { isKeyUrl } from '../fragments/auth-workload.ts';
import type { Configuration } from '../schema.ts';
import { isLoopbackHost } from '../values/loopback.ts';
import { accessProblems } from './access-policy.ts';
import { contentOf, isProblem } from './file-content.ts';
import { tlsProblems } from './tls-problems.ts';

/** An external resource that the configuration names, and that a service opens at its start. */
export type Resource =
  | 'listener'
  | 'debug listener'
  | 'accounts'
  | 'access rules'
  | 'token keys'
  | 'signing secret'
  | 'identity providers'
  | 'bus'
  | 'store'
  | 'blob-service';

type Inspect = (configuration: Configuration) => Promise<readonly Problem[]>;

const inspections: Readonly<Record<Resource, Inspect>> = {
  listener: async ({ http: { addr, tls } }) => [
    ...(await listenProblems('http.addr', addr)),
    ...(tls === undefined ? [] : await tlsProblems(tls)),
  ],
  'debug listener': async ({ http: { debug } }) =>
    debug?.addr === undefined || debug.addr === '' ? [] : listenProblems('http.debug.addr', debug.addr),
  accounts: async ({ auth }) => [
    ...(await filesProblems({
      'auth.htpasswd.path': auth?.htpasswd?.path,
      'auth.ldap.ca': auth?.ldap?.ca,
    })),
    ...searchProblems(auth?.ldap?.search),
  ],
  'access rules': accessProblems,
  'token keys': async ({ auth, egress }) => [
    ...(await keyProblems('jwks', auth?.token?.jwks)),
    ...plainUrlProblems('auth.token.jwks', auth?.token?.jwks, egress.plainhosts),
    ...(await keyProblems('rootcertbundle', auth?.token?.rootcertbundle)),
  ],
  'signing secret': async ({ auth, http }) =>
    auth?.token === undefined || isExternal(auth.token) || http.secret !== undefined
      ? []
      : [
          {
            path: 'http.secret',
            message:
              'is required with auth.token: it seals the signing keys, and must be the same on every replica',
          },
        ],
  'identity providers': async ({ auth, egress }) => [
    ...(await filesProblems({ 'egress.ca': egress.ca })),
    ...(await Promise.all((auth?.workloads ?? []).map(providerProblems))).flat(),
  ],
  bus: async ({ nats }) =>
    filesProblems({
      'nats.creds': nats?.creds,
      'nats.tls.ca': nats?.tls?.ca,
      'nats.tls.certificate': nats?.tls?.certificate,
      'nats.tls.key': nats?.tls?.key,
    }),
  'blob-service': async ({ services: { blobservice } }) =>
    filesProblems({
      'services.blobservice.tls.ca': blobservice.tls?.ca,
      'services.blobservice.tls.certificate': blobservice.tls?.certificate,
      'services.blobservice.tls.key': blobservice.tls?.key,
    }),
  // Only libs/storage knows a driver's parameters. It reports the same problems at the start and in the check.
  store: async () => [],
};

/**
 * Returns the problems of the resources that a configuration names. Tries what a start does: reads files, parses certificates, and binds the
 * addresses (at another port, so that a running registry is not disturbed). Contacts no server.
 */
export async function resourceProblems(
  configuration: Configuration,
  uses: readonly Resource[],
): Promise<readonly Problem[]> {
  const found = await Promise.all(uses.map((resource) => inspections[resource](configuration)));
  return found.flat();
}

/** Stops a start whose configuration names unusable resources. @throws ConfigurationError with every problem */
export async function refuseUnusable(configuration: Configuration, uses: readonly Resource[]): Promise<void> {
  const problems = await resourceProblems(configuration, uses);
  if (problems.length > 0) throw new ConfigurationError(problems);
}

async function filesProblems(
  files: Readonly<Record<string, string | undefined>>,
): Promise<readonly Problem[]> {
  const named = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const read = await Promise.all(named.map(([path, file]) => contentOf(path, file)));
  return read.filter(isProblem);
}

type Search = NonNullable<NonNullable<Configuration['auth']>['ldap']>['search'];

/** Without a password the directory would take the account that searches for an anonymous one (RFC 4513, 5.1.2). */
const searchProblems = (search: Search): readonly Problem[] =>
  search?.binddn === undefined || search.password !== undefined
    ? []
    : [{ path: 'auth.ldap.search.password', message: 'is required with binddn' }];

type Provider = NonNullable<Configuration['auth']>['workloads'][number];

async function providerProblems({ jwks, tokenfile }: Provider, index: number): Promise<readonly Problem[]> {
  const at = `auth.workloads.${index}`;
  return [
    ...(await filesProblems({ [`${at}.tokenfile`]: tokenfile })),
    ...(await keyProblems('jwks', jwks, `${at}.jwks`)),
  ];
}

/** The egress client refuses http, except to loopback and to configured hosts. */
function plainUrlProblems(
  path: string,
  url: string | undefined,
  plainhosts: readonly string[],
): readonly Problem[] {
  if (!isKeyUrl(url)) return [];
  if (!URL.canParse(url)) return [{ path, message: 'is not a URL' }];
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || isLoopbackHost(hostname) || plainhosts.includes(hostname)) return [];
  const message =
    'must be https: with http anybody on the way could put keys of their own (egress.plainhosts)';
  return [{ path, message }];
}

/** A URL is not a file: the start does not ask it. */
async function keyProblems(
  name: keyof KeyFiles,
  file: string | undefined,
  path = `auth.token.${name}`,
): Promise<readonly Problem[]> {
  if (file === undefined || isKeyUrl(file)) return [];
  const [unreadable] = await filesProblems({ [path]: file });
  if (unreadable !== undefined) return [unreadable];
  try {
    const { keys } = await new FileKeys({ [name]: file }).keys();
    return keys.length > 0
      ? []
      : [{ path, message: 'names a file without a key: no token could be verified' }];
  } catch (error) {
    return [
      {
        path,
        message: `names a file that is of no use: ${error instanceof Error ? error.message : String(error)}`,
      },
    ];
  }
}

/** Checks that this machine has the address. */
async function listenProblems(path: string, addr: string): Promise<readonly Problem[]> {
  const server = createServer();
  try {
    server.listen({ ...parseAddress(addr), port: 0 });
    await once(server, 'listening');
    return [];
  } catch (error) {
    const code = codeOf(error) ?? 'unknown error';
    return [{ path, message: `names a host that this machine cannot listen on (${code})` }];
  } finally {
    server.close();
  }
}
