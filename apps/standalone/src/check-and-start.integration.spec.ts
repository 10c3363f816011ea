import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '@longshore/cli';
import {
  asConfigurationError,
  type ConfigurationRow,
  describeConfiguration,
  loadConfiguration,
  storageDriverOf,
} from '@longshore/configuration';
import { migratedDatabase } from '@longshore/metadata/testing';
import { type Composition, type ServiceContext, startService } from '@longshore/service-kit';
import { openStore } from '@longshore/service-kit/store';
import { type DriverName, driverNames, remoteDriverNames } from '@longshore/stores/catalogue';
import { selfSigned } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { composeStandalone, standaloneDefinition } from './compose-standalone.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-check-'));
const postgres = await migratedDatabase();
afterAll(async () => {
  await postgres.drop();
  rmSync(folder, { recursive: true });
});

const file = (name: string): string => join(folder, name);

beforeAll(() => {
  for (const name of ['one', 'two']) selfSigned(folder, name);
  writeFileSync(file('text'), 'neither a key nor a certificate\n');
  writeFileSync(file('empty'), '');
  writeFileSync(file('no-keys.json'), '{"keys":[]}');
  writeFileSync(file('users'), 'alice:$2y$05$abcdefghijklmnopqrstuu5uX1vT6MXCwDOyrUZvOCXUZ8xqxrFVC\n');
});

interface Given {
  readonly yaml: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Addresses without a listener, and no retries: a store that is down does not make the configuration invalid. */
const stores: Readonly<Record<DriverName, Readonly<Record<string, unknown>>>> = {
  filesystem: { rootdirectory: file('store') },
  inmemory: {},
  s3: {
    regionendpoint: 'http://127.0.0.1:1',
    bucket: 'registry',
    accesskey: 'a',
    secretkey: 'b',
    maxretries: 0,
  },
  azure: {
    serviceurl: 'http://127.0.0.1:1/a',
    accountname: 'a',
    accountkey: 'YQ==',
    container: 'c',
    max_retries: 0,
  },
  swift: {
    authurl: 'http://127.0.0.1:1/v3',
    username: 'u',
    password: 'p',
    domainid: 'default',
    tenant: 't',
    container: 'c',
    maxretries: 0,
  },
  oss: {
    endpoint: 'http://127.0.0.1:1',
    bucket: 'registry',
    accesskeyid: 'a',
    accesskeysecret: 'b',
    maxretries: 0,
  },
};

/** Drivers that use the network. */
const far: readonly DriverName[] = remoteDriverNames;

const base = (driver: DriverName = 'inmemory'): Record<string, unknown> => ({
  version: '0.1',
  log: { level: 'error' },
  http: { addr: '127.0.0.1:0', secret: 'secret of a test' },
  storage: { [driver]: stores[driver] },
  ...(far.includes(driver) && { health: { storagedriver: { enabled: false } } }),
});

/** Composes the registry as `npm start` does. If the store is down, only up to its driver, where the configuration can still be refused. */
async function compose(context: ServiceContext): Promise<Composition> {
  const { storage } = context.config;
  const named = storageDriverOf(storage);
  if (far.some((name) => name in named)) {
    await openStore(context);
    throw new Error('the store is away');
  }
  return composeStandalone(context, postgres.url);
}

/** Returns the keys for which the start refuses the configuration. Empty if it starts, or if it fails for another reason. */
async function refusedByStart({ yaml, environment }: Given): Promise<readonly string[]> {
  const path = file('start.yml');
  writeFileSync(path, yaml);
  try {
    const config = loadConfiguration({ file: path, environment });
    const service = await startService({ ...standaloneDefinition(postgres.url), compose }, config);
    await service.close();
    return [];
  } catch (error) {
    return (
      asConfigurationError(error)
        ?.problems.map(({ path: key }) => key)
        .toSorted() ?? []
    );
  }
}

async function refusedByCheck({ yaml, environment }: Given): Promise<readonly string[]> {
  const path = file('check.yml');
  writeFileSync(path, yaml);
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const parameters = ['configuration', 'check', '--standalone', '--config', path];
  const status = await runCli(parameters, { environment, print: say, complain: say });
  if (status === 0) return [];
  return said
    .slice(0, -1)
    .filter((line) => !line.startsWith('warning: '))
    .map((line) => line.split(' ')[0] ?? '')
    .toSorted();
}

const words: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'maybe'],
  integer: ['1', '30', '-2', '1000000000', 'x'],
  duration: ['1m', '90', '1', 'soon', '-1s'],
  size: ['8MiB', '3MiB', '1', '2GiB', 'big'],
  URL: ['http://127.0.0.1:1/a', 'ftp://127.0.0.1', 'x'],
  text: ['x', '/nowhere'],
  secret: ['MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=', 'x'],
  address: [
    '127.0.0.1:0',
    'localhost:0',
    'localhost',
    '203.0.113.7:5000',
    ':99999',
    'no.such.host.invalid:1',
  ],
  pattern: ['^a+$', '(?=a)'],
  glob: ['a/*', '{a'],
  network: ['10.0.0.0/8', '10.0.0.0/99'],
};

/** Returns the values to try for a key, by its type and its row on the reference page. */
function valuesFor({ type }: ConfigurationRow): readonly string[] {
  const plain = type.replace(/^list of /, '');
  const choices = plain.replaceAll('\\|', '|').split(' | ');
  return (
    words[plain] ?? (choices.length > 1 ? [...choices.slice(0, 1), ...choices.slice(-1), 'nonsense'] : [])
  );
}

const skipped = /^(?:version|postgres|nats|services|log\.level)\b|\[\]|\*|^storage\.fallback/;
const driverOf = (key: string): DriverName | undefined =>
  driverNames.find((name) => key.startsWith(`storage.${name}.`));

interface Case {
  readonly name: string;
  readonly asFile: Given;
  readonly asVariable: Given;
}

/** Lists each key with each of its values, as a file and as a variable. */
function cases(): readonly Case[] {
  return describeConfiguration()
    .filter(({ key }) => !skipped.test(key))
    .flatMap((row) =>
      valuesFor(row).map((value) => {
        const written = row.type.startsWith('list of ') ? [value] : value;
        const driver = driverOf(row.key);
        const document = base(driver);
        const variable = typeof written === 'string' ? written : JSON.stringify(written);
        const asVariable = { yaml: stringify(document), environment: { [row.environment]: variable } };
        put(document, row.key.split('.'), written);
        return {
          name: `${row.key}: ${value}`,
          asFile: { yaml: stringify(document), environment: {} },
          asVariable,
        };
      }),
    );
}

function put(section: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) section[key] = value;
  else {
    const below = section[key];
    const inner: Record<string, unknown> = typeof below === 'object' && below !== null ? { ...below } : {};
    section[key] = inner;
    put(inner, rest, value);
  }
}

/**
 * Returns the verdicts of the check and of the start, for the file and for the variable. If both mean the same configuration, one start serves both.
 */
async function verdictsOn(asFile: Given, asVariable: Given): Promise<readonly string[]> {
  const start = await refusedByStart(asFile);
  const found = [
    await refusedByCheck(asFile),
    start,
    await refusedByCheck(asVariable),
    meaningOf(asFile) === meaningOf(asVariable) ? start : await refusedByStart(asVariable),
  ];
  return found.map((keys) => keys.join(' '));
}

/** Returns the parsed configuration, or its problems if it is invalid. */
function meaningOf({ yaml, environment }: Given): string {
  const path = file('meaning.yml');
  writeFileSync(path, yaml);
  try {
    return JSON.stringify(loadConfiguration({ file: path, environment }));
  } catch (error) {
    return String(error);
  }
}

const external = (more: Record<string, string>): Record<string, unknown> => ({
  auth: { token: { realm: 'https://a.example', ...more } },
});

describe('configuration check and the start', () => {
  const all = cases();

  it('have many configurations to compare', () => {
    expect(all.length).toBeGreaterThan(400);
  });

  it('agree about each key and value, as a file and as a variable', async () => {
    const differences: unknown[] = [];
    let refused = 0;
    for (const { name, asFile, asVariable } of all) {
      const verdicts = await verdictsOn(asFile, asVariable);
      if (verdicts[0] !== '') refused++;
      if (new Set(verdicts).size > 1) differences.push({ name, verdicts });
    }
    expect(differences).toEqual([]);
    expect(refused).toBeGreaterThan(150);
    expect(all.length - refused).toBeGreaterThan(150);
  }, 600_000);

  const tls = (certificate: string, key: string, more = {}) => ({
    http: { addr: '127.0.0.1:0', tls: { certificate: file(certificate), key: file(key), ...more } },
  });
  it.each<[what: string, section: Record<string, unknown>, keys: string]>([
    ['a certificate with its key', tls('one.crt', 'one.key', { clientcas: [file('two.crt')] }), ''],
    ["another certificate's key", tls('one.crt', 'two.key'), 'http.tls.key'],
    ['a certificate as the key', tls('one.crt', 'one.crt'), 'http.tls.key'],
    ['neither', tls('text', 'text'), 'http.tls.certificate http.tls.key'],
    ['files that are not there', tls('none.crt', 'none.key'), 'http.tls.certificate http.tls.key'],
    [
      'an authority that is none',
      tls('one.crt', 'one.key', { clientcas: [file('text')] }),
      'http.tls.clientcas.0',
    ],
    [
      'a revocation list that is none',
      tls('one.crt', 'one.key', { clientcas: [file('two.crt')], clientcrls: [file('text')] }),
      'http.tls.clientcrls.0',
    ],
    [
      'a revocation list of no authority',
      tls('one.crt', 'one.key', { clientcrls: [file('text')] }),
      'http.tls.clientcrls',
    ],
    ['an address without a port', { http: { addr: 'localhost' } }, 'http.addr'],
    ['an address of another machine', { http: { addr: '203.0.113.7:5000' } }, 'http.addr'],
    [
      'a debug address without a port',
      { http: { addr: '127.0.0.1:0', debug: { addr: 'localhost' } } },
      'http.debug.addr',
    ],
    ['a check of an address that is none', { health: { tcp: [{ addr: 'db' }] } }, 'health.tcp.0.addr'],
    ['accounts', { auth: { htpasswd: { path: file('users') } } }, ''],
    ['accounts that are not there', { auth: { htpasswd: { path: file('none') } } }, 'auth.htpasswd.path'],
    ['keys that are not there', external({ jwks: file('none') }), 'auth.token.jwks'],
    ['keys that are none', external({ jwks: file('text') }), 'auth.token.jwks'],
    ['an empty set of keys', external({ jwks: file('no-keys.json') }), 'auth.token.jwks'],
    ['a bundle', external({ rootcertbundle: file('one.crt') }), ''],
    ['a bundle that is not there', external({ rootcertbundle: file('none') }), 'auth.token.rootcertbundle'],
    ['an empty bundle', external({ rootcertbundle: file('empty') }), 'auth.token.rootcertbundle'],
    ['a driver that is not there', { storage: { '@nobody/has-this': {} } }, 'storage.@nobody/has-this'],
    [
      'authorities of a store that are not there',
      { storage: { s3: { ...stores['s3'], cabundle: file('none') } } },
      'storage.s3',
    ],
    [
      'a part that S3 refuses',
      { storage: { s3: { ...stores['s3'], chunksize: '2GiB' } } },
      'storage.s3.chunksize',
    ],
    [
      'a signing key that is not there',
      {
        middleware: {
          storage: [
            {
              name: 'cloudfront',
              options: { baseurl: 'https://a.example', privatekey: file('none'), keypairid: 'K' },
            },
          ],
        },
      },
      'middleware.storage',
    ],
    [
      'a store to move from that is none',
      { storage: { inmemory: {}, fallback: { s3: {} } } },
      'storage.fallback.s3.bucket',
    ],
  ])('agree about %s', async (_, section, keys) => {
    const { storage, ...rest } = { ...base(), ...section };
    const asFile = { yaml: stringify({ ...rest, storage }), environment: {} };
    const name = Object.keys(section)[0] ?? '';
    const variable = { [`REGISTRY_${name.toUpperCase()}`]: JSON.stringify(section[name]) };
    const asVariable = { yaml: stringify(base()), environment: variable };
    expect(await verdictsOn(asFile, asVariable)).toEqual([keys, keys, keys, keys]);
  });
});
