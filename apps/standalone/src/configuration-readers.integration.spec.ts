import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configuration, describeConfiguration, loadConfiguration } from '@longshore/configuration';
import { natsConnector } from '@longshore/messaging';
import { databaseUrl } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { drainDeadline, startService } from '@longshore/service-kit';
import { driverNames } from '@longshore/stores/catalogue';
import { createLogger } from '@longshore/telemetry';
import {
  blobOf,
  descriptorOf,
  eventually,
  freePort,
  manifestOf,
  ociTypes,
  portOf,
  RegistryClient,
  selfSigned,
  tinyImage,
} from '@longshore/testing';
import { type DirectoryServer, directoryIsMissing, startDirectory } from '@longshore/testing/directory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { standaloneDefinition } from './compose-standalone.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-readers-'));
const postgres = await migratedDatabase();
afterAll(async () => {
  await postgres.drop();
  rmSync(folder, { recursive: true });
});

/** Keys that no service reads, each with the reason. */
const unread: Readonly<Record<string, string>> = {
  version: 'the loader judges it: there is one version',
  'http.net': 'the loader judges it: tcp is the only network',
  'http.h2c.enabled': 'the loader judges it: it must be false',
};

/** Keys that a main reads beside its composition, each with the file. */
const readByMain: Readonly<Record<string, string>> = {
  'services.blobservice.urls': 'apps/api-gateway/src/main.ts',
};

const read = new Set<string>();

/** Wraps the value and records each key that is read from it. */
function recording<T>(value: T, path: string): T {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol' || typeof found === 'function' || key === 'length') return found;
      const below = Array.isArray(target) ? `${path}[]` : `${path === '' ? '' : `${path}.`}${key}`;
      read.add(below);
      return recording(found, below);
    },
  });
}

const isPlain = (value: object): boolean =>
  Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** A webhook endpoint that fails once, so that the pause after a failure is read. */
const delivered: string[] = [];
const webhook = createServer((request, response) => {
  delivered.push(request.url ?? '');
  request.resume();
  response.writeHead(delivered.length === 1 ? 500 : 204).end();
}).listen(0, '127.0.0.1');
await once(webhook, 'listening');
afterAll(() => webhook.close());

/** The keys of `auth.ldap` are read where there is a directory. */
const directory = directoryIsMissing()
  ? undefined
  : await startDirectory(
      'dn: uid=ann,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: ann\ncn: ann\nsn: ann\nuserPassword: in the directory\n',
    );
afterAll(() => directory?.stop());

/** A key as a token server publishes it. */
function signingKey(): object {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
}

const pair = selfSigned(folder, 'tls');

const common = {
  log: { level: 'error' },
  gc: { untagged: { enabled: true } },
  postgres: { url: postgres.url },
  nats: { servers: ['127.0.0.1:1'], tls: {} },
  services: { blobservice: { tls: {} } },
  health: {
    file: [{ file: join(folder, 'down') }],
    http: [{ uri: 'http://127.0.0.1:1', headers: { A: ['b'] } }],
    tcp: [{ addr: '127.0.0.1:1' }],
  },
  validation: {
    manifests: { indexes: { platforms: 'list', platformlist: [{ os: 'linux', architecture: 'amd64' }] } },
  },
  middleware: {
    storage: [
      { name: 'rewrite', options: { scheme: 'https' } },
      { name: 'redirect', options: { baseurl: 'https://a.example' } },
      {
        name: 'cloudfront',
        options: {
          baseurl: 'https://a.example',
          privatekey: pair.key,
          keypairid: 'K',
          ipfilteredby: 'awsregion',
          awsregion: ['r'],
        },
      },
    ],
  },
  notifications: {
    endpoints: [
      { name: 'a', url: `http://127.0.0.1:${portOf(webhook.address())}`, backoff: '1ms', threshold: 1 },
    ],
  },
};

function load(more: Readonly<Record<string, unknown>>, addr = '127.0.0.1:0'): Configuration {
  const { http, ...sections }: Record<string, unknown> = { ...common, storage: { inmemory: {} }, ...more };
  const listener = {
    addr,
    secret: 's',
    debug: { addr: '127.0.0.1:0' },
    ...(typeof http === 'object' ? http : {}),
  };
  const path = file('registry.yml', stringify({ version: '0.1', http: listener, ...sections }));
  return recording(loadConfiguration({ file: path, environment: {} }), '');
}

const exceptForUsers = (limit: number) => ({
  window: '1m',
  exceptions: [{ subjects: ['users'], limit }],
});

type Registry = readonly [sections: Record<string, unknown>, use: (origin: string) => Promise<unknown>];

/** Registries whose accounts are in a directory, found by a search and by their name alone. */
const registriesWith = (server: DirectoryServer): readonly Registry[] => [
  [
    {
      auth: {
        database: {},
        ldap: {
          urls: [server.tlsUrl],
          ca: server.ca,
          search: { base: 'dc=example,dc=org', binddn: server.root.dn, password: server.root.password },
          attributes: { groups: 'memberOf' },
          groups: { base: 'dc=example,dc=org' },
        },
      },
    },
    (origin) =>
      fetch(`${origin}/v2/`, { headers: { authorization: `Basic ${btoa('ann:in the directory')}` } }),
  ],
  [
    {
      auth: {
        ldap: {
          urls: [server.url],
          starttls: true,
          ca: server.ca,
          userdn: 'uid={name},dc=example,dc=org',
        },
      },
    },
    (origin) =>
      fetch(`${origin}/v2/`, { headers: { authorization: `Basic ${btoa('ann:in the directory')}` } }),
  ],
];

/** Registries with each form of access, with its challenge, and an open one that an image is pushed to. */
const registries: readonly Registry[] = [
  [
    {
      auth: { htpasswd: { path: file('users', '') } },
      access: {
        everybody: 'reader',
        rules: [{ name: 'a', subjects: ['accounts'], role: 'writer', when: 'tag != "b"' }],
      },
    },
    (origin) => fetch(`${origin}/v2/`),
  ],
  [{ auth: { htpasswd: { path: file('users', '') }, token: {} } }, (origin) => fetch(`${origin}/v2/`)],
  ...(directory === undefined ? [] : registriesWith(directory)),
  [
    {
      storage: { filesystem: { rootdirectory: join(folder, 'store') } },
      auth: {
        token: { realm: 'https://a', jwks: file('keys.json', JSON.stringify({ keys: [signingKey()] })) },
      },
    },
    (origin) => fetch(`${origin}/v2/`),
  ],
  [
    {
      egress: { networks: ['169.254.1.1'], ca: pair.certificate, deadline: '1s' },
      auth: {
        token: {},
        workloads: [
          {
            name: 'ci',
            issuer: 'http://127.0.0.1:1',
            audience: 'https://a.example',
            jwks: 'http://127.0.0.1:1/keys',
            tokenfile: file('token', 'secret'),
            rules: [{ claims: { sub: 'a' }, principal: 'a', groups: ['b'] }],
          },
        ],
      },
    },
    async (origin) => {
      const claims = [{ alg: 'RS256', kid: 'a' }, { iss: 'http://127.0.0.1:1' }].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      );
      const answer = await fetch(`${origin}/v2/`, {
        headers: { authorization: `Bearer ${claims.join('.')}.AAAA` },
      });
      expect(answer.status).toBe(503);
    },
  ],
  [
    {
      http: {
        host: 'https://h',
        tls: { ...pair, clientcas: [pair.certificate] },
        ratelimits: { requests: exceptForUsers(5), pulls: exceptForUsers(2) },
      },
      auth: { certificate: { accounts: [{ from: 'commonname' }] } },
    },
    async (origin) => {
      const client = { cert: readFileSync(pair.certificate), key: readFileSync(pair.key) };
      const seen = [];
      for (const path of ['/v2/', '/v2/a/manifests/b']) {
        const url = `${origin.replace('http:', 'https:')}${path}`;
        const { statusCode, headers } = await new Promise<IncomingMessage>((resolve, reject) => {
          const take = (answer: IncomingMessage): void => resolve(answer.resume());
          get(url, { ...client, rejectUnauthorized: false }, take).once('error', reject);
        });
        seen.push(statusCode, headers['ratelimit-limit']);
      }
      expect(seen).toEqual([200, '5;w=60', 404, '2;w=60']);
    },
  ],
  [
    {
      http: {
        tls: {
          letsencrypt: {
            cachefile: join(folder, 'acme'),
            email: 'a@example.org',
            hosts: ['h.example'],
            directoryurl: 'http://127.0.0.1:1',
            challenge: 'http-01',
            httpaddr: '127.0.0.1:0',
          },
        },
      },
    },
    () => Promise.resolve(),
  ],
  [
    {
      http: { host: 'http://127.0.0.1:1' },
      auth: {
        token: {},
        oidc: { providers: [{ name: 'a', issuer: 'http://127.0.0.1:1', clientid: 'b', clientsecret: 'c' }] },
      },
    },
    async (origin) => expect((await fetch(`${origin}/auth/login/a`)).status).toBe(503),
  ],
  [{}, pushAnIndex],
];

async function pushAnIndex(origin: string): Promise<void> {
  const registry = new RegistryClient(origin);
  const image = tinyImage({ content: 'readers' });
  await registry.pushImage('team/app', image, 'latest');
  const foreign = { ...descriptorOf(blobOf('elsewhere'), ociTypes.layer), urls: ['https://a.example/layer'] };
  const config = descriptorOf(image.blobs[0] ?? blobOf(''), ociTypes.config);
  const windows = manifestOf(ociTypes.manifest, { config, layers: [foreign] });
  await registry.pushManifest('team/app', 'foreign', windows);
  const child = { ...descriptorOf(image, image.mediaType), platform: image.platform };
  await registry.pushManifest('team/app', 'index', manifestOf(ociTypes.index, { manifests: [child] }));
  await eventually(() => expect(delivered.length).toBeGreaterThan(2), 60_000);
}

/** Starts the whole registry, uses it, and stops it. */
async function run(
  sections: Record<string, unknown>,
  use: (origin: string) => Promise<unknown>,
): Promise<void> {
  const address = `127.0.0.1:${await freePort()}`;
  const config = load(sections, address);
  drainDeadline(config);
  const service = await startService(standaloneDefinition(databaseUrl(config.postgres)), config);
  try {
    await use(`http://${address}`);
  } finally {
    await service.close();
  }
}

/** The parameters of a driver are read by its own package, of which tools/drivers.spec.ts asks the same. */
const isParameter = (key: string): boolean => driverNames.some((name) => key.startsWith(`storage.${name}.`));

const keysThatAreHonoured = (): readonly string[] => {
  const rows = describeConfiguration().filter(
    ({ description }) => !/Accepted and ignored|^Not supported/.test(description),
  );
  const lists = describeConfiguration()
    .filter(({ description }) => description.startsWith('Not supported'))
    .map(({ key }) => `${key}[]`);
  return rows
    .filter(
      ({ type, key }) =>
        type !== 'section' &&
        type !== 'refused' &&
        !isParameter(key) &&
        !(directory === undefined && key.startsWith('auth.ldap.')) &&
        !lists.some((list) => key.startsWith(list)),
    )
    .map(({ key }) => key.replace(/\.\*$/, ''));
};

describe('every key of the configuration', () => {
  beforeAll(async () => {
    for (const [sections, use] of registries) {
      await run(sections, use);
    }
    databaseUrl(load({ postgres: { host: 'db' } }).postgres);
    natsConnector(load({}).nats, {
      name: 'test',
      largestMessageBytes: 1,
      log: createLogger({ level: 'error' }),
    });
  }, 120_000);

  it('has a reader while all services are composed and used, or a reason', () => {
    const keys = keysThatAreHonoured();
    expect(keys.length).toBeGreaterThan(100);
    expect(keys.filter((key) => !read.has(key) && !(key in unread) && !(key in readByMain))).toEqual([]);
  });

  it('has a reason only where it has no reader', () => {
    const reasoned = [...Object.keys(unread), ...Object.keys(readByMain)];
    expect(reasoned.filter((key) => read.has(key) || !keysThatAreHonoured().includes(key))).toEqual([]);
  });

  it.each(Object.entries(readByMain))('%s is read by %s', (key, main) => {
    const source = readFileSync(join(import.meta.dirname, '../../..', main), 'utf8');
    expect(source).toContain(`config.${key}`);
  });
});
