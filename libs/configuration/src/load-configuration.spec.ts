import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from './configuration-error.ts';
import { storageDriverOf } from './fragments/storage.ts';
import { storageOptionsOf } from './storage-options.ts';
import {
  loadConfiguration,
  loadConfigurationWithWarnings,
  type ConfigurationSources,
} from './load-configuration.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'configuration-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
function fileOf(text: string): string {
  const path = join(directory, `${files++}.yml`);
  writeFileSync(path, text);
  return path;
}

const smallest = 'version: 0.1\nstorage:\n  inmemory:\n';
const load = (text: string, environment: ConfigurationSources['environment'] = {}) =>
  loadConfiguration({ file: fileOf(text), environment });

function problemsOf(
  text: string,
  environment: ConfigurationSources['environment'] = {},
): Record<string, string> {
  try {
    load(text, environment);
  } catch (error) {
    if (error instanceof ConfigurationError)
      return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
    throw error;
  }
  return {};
}

describe('loadConfiguration from a file', () => {
  it("gives distribution's defaults, and ours where they must differ", () => {
    const configuration = load(smallest);
    expect(configuration.http.addr).toBe(':5000');
    expect(configuration.log).toEqual({
      level: 'info',
      formatter: 'text',
      fields: {},
      accesslog: { disabled: false },
    });
    expect(configuration.storage.delete.enabled).toBe(true);
    expect(configuration.storage.maintenance.uploadpurging).toEqual({
      enabled: true,
      age: 168 * 3_600_000,
      interval: 24 * 3_600_000,
      dryrun: false,
    });
    expect(configuration.validation.manifests.payloadsizelimit).toBe(4 * 1024 * 1024);
    expect(configuration.gc).toMatchObject({ grace: 24 * 3_600_000, interval: 60_000 });
    expect(configuration.catalog.maxentries).toBe(1000);
    expect(configuration.auth).toBeUndefined();
  });

  it("reads distribution 3's own example", () => {
    const { configuration, warnings } = loadConfigurationWithWarnings({
      environment: {},
      file: fileOf(`version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
  tag:
    concurrencylimit: 8
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
auth:
  htpasswd:
    realm: basic-realm
    path: /etc/registry
redis:
  addrs: [localhost:6379]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`),
    });
    expect(storageDriverOf(configuration.storage)).toEqual({
      filesystem: { rootdirectory: '/var/lib/registry', maxthreads: 100 },
    });
    expect(configuration.http.headers).toEqual({ 'X-Content-Type-Options': ['nosniff'] });
    expect(configuration.auth?.htpasswd).toEqual({ realm: 'basic-realm', path: '/etc/registry' });
    expect(warnings.map(({ path }) => path)).toEqual(['redis']);
  });

  it('names every problem at once, each with its key and what was meant', () => {
    const problems = problemsOf(`version: 0.2
storage:
  filesytem: {}
http:
  adr: :5000
  tls:
    certificate: /a
gc:
  grace: soon
notifications:
  endpoints:
    - name: a
      url: ftp://example.org
`);
    expect(problems).toEqual({
      version: 'must be one of 0.1',
      'storage.filesytem': 'is neither a driver nor a setting; did you mean filesystem?',
      'http.adr': 'is no key of the configuration; did you mean addr?',
      'http.tls.key': 'is required',
      'gc.grace':
        'must be a duration such as 90s, 1m30s or 168h (a bare number counts seconds) of at least 1 ms',
      'notifications.endpoints.0.url': 'must be a URL with the scheme http or https',
    });
  });

  it.each([
    ['proxy: { remoteurl: https://registry-1.docker.io }', 'proxy'],
    ['auth: { silly: { realm: a, service: b } }', 'auth.silly'],
    ['middleware: { registry: [{ name: a }] }', 'middleware.registry.0.disabled'],
    [
      'http: { tls: { certificate: a, key: b, letsencrypt: { cachefile: c, hosts: [a.example] } } }',
      'http.tls.letsencrypt',
    ],
    [
      'http: { tls: { letsencrypt: { cachefile: c, hosts: ["*.example"] } } }',
      'http.tls.letsencrypt.hosts.0',
    ],
    ['http: { tls: { letsencrypt: { cachefile: c, hosts: [] } } }', 'http.tls.letsencrypt.hosts'],
    ['http: { h2c: { enabled: true } }', 'http.h2c.enabled'],
    ['http: { net: unix }', 'http.net'],
    ['log: { hooks: [{ type: mail }] }', 'log.hooks.0.disabled'],
  ])('refuses %s by name', (section, key) => {
    expect(Object.keys(problemsOf(`${smallest}${section}\n`))).toEqual([key]);
  });

  it('refuses two drivers, and no driver', () => {
    expect(problemsOf('version: 0.1\nstorage: { filesystem: {}, inmemory: {} }\n')['storage']).toContain(
      'filesystem, inmemory are named',
    );
    expect(problemsOf('version: 0.1\nstorage: { delete: { enabled: false } }\n')['storage']).toContain(
      'none is named',
    );
    expect(Object.keys(problemsOf('version: 0.1\n'))).toEqual(['storage']);
  });

  it('accepts a third-party driver, with its parameters unchanged', () => {
    const { storage } = load("version: 0.1\nstorage:\n  '@acme/store': { size: 5, name: x, on: true }\n");
    expect(storageDriverOf(storage)).toEqual({ '@acme/store': { size: 5, name: 'x', on: true } });
  });

  it('keeps texts as written', () => {
    const { http } = load(`${smallest}http: { secret: 0123 }\n`);
    expect(http.secret).toBe('0123');
  });

  it('closes an empty auth section rather than opening the registry', () => {
    expect(problemsOf(`${smallest}auth:\n`)['auth']).toContain('remove the section');
  });

  it.each(['HS256', 'none'])('refuses tokens signed with %s', (algorithm) => {
    expect(
      Object.keys(
        problemsOf(
          `${smallest}auth: { token: { realm: 'https://a', jwks: /a, signingalgorithms: [${algorithm}] } }\n`,
        ),
      ),
    ).toEqual(['auth.token.signingalgorithms.0']);
  });

  it('says where YAML is broken without quoting it', () => {
    const problems = Object.values(problemsOf('version: 0.1\nhttp: { secret: canary-secret\nstorage: {}\n'));
    expect(problems[0]).toMatch(/is not valid YAML at line \d+, column \d+/);
    expect(problems.join(' ')).not.toContain('canary');
  });

  it('says which file cannot be read', () => {
    expect(() => loadConfiguration({ file: join(directory, 'absent.yml'), environment: {} })).toThrow(
      /absent\.yml: cannot be read \(ENOENT\)/,
    );
  });

  it("lets the file override the caller's defaults", () => {
    const defaults = {
      http: { addr: '127.0.0.1:5000' },
      storage: { filesystem: { rootdirectory: '/home' }, redirect: { disable: true } },
    };
    const configuration = loadConfiguration({ file: fileOf(smallest), environment: {}, defaults });
    expect(configuration.http.addr).toBe('127.0.0.1:5000');
    expect(storageDriverOf(configuration.storage)).toEqual({ inmemory: {} });
    expect(configuration.storage.redirect.disable).toBe(true);
    expect(storageDriverOf(loadConfiguration({ environment: {}, defaults }).storage)).toEqual({
      filesystem: { rootdirectory: '/home', maxthreads: 100 },
    });
  });

  it('reports the sections that a service requires', () => {
    expect(() =>
      loadConfiguration({ file: fileOf(smallest), environment: {}, needs: ['postgres', 'http.secret'] }),
    ).toThrow(/postgres: is required by this service\n {2}http.secret: is required/);
  });
});

describe('loadConfiguration from the environment', () => {
  it('overrides keys of sections, lists and maps', () => {
    const configuration = load(
      `${smallest}http: { headers: { X-Frame-Options: [DENY] } }\nnotifications: { endpoints: [{ name: a, url: 'http://a' }] }\n`,
      {
        REGISTRY_HTTP_ADDR: 'localhost:7000',
        REGISTRY_GC_GRACE: '2s',
        REGISTRY_STORAGE_DELETE_ENABLED: 'false',
        'REGISTRY_HTTP_HEADERS_X-FRAME-OPTIONS': '[SAMEORIGIN]',
        'REGISTRY_HTTP_HEADERS_X-Other': 'a, b',
        REGISTRY_NOTIFICATIONS_ENDPOINTS_0_URL: 'http://b',
        REGISTRY_NOTIFICATIONS_ENDPOINTS_1_NAME: 'second',
        REGISTRY_NOTIFICATIONS_ENDPOINTS_1_URL: 'http://c',
        REGISTRY_NATS_SERVERS: 'a:4222, b:4222',
        REGISTRY_LOG_FIELDS_SERVICE: 'registry',
      },
    );
    expect(configuration.http.addr).toBe('localhost:7000');
    expect(configuration.gc.grace).toBe(2000);
    expect(configuration.storage.delete.enabled).toBe(false);
    expect(configuration.http.headers).toEqual({ 'X-Frame-Options': ['SAMEORIGIN'], 'x-other': ['a, b'] });
    expect(configuration.notifications.endpoints.map((endpoint) => endpoint.url)).toEqual([
      'http://b',
      'http://c',
    ]);
    expect(configuration.nats?.servers).toEqual(['a:4222', 'b:4222']);
    expect(configuration.log.fields).toEqual({ service: 'registry' });
  });

  it("replaces the driver by REGISTRY_STORAGE and the accounts by REGISTRY_AUTH, as distribution's image is used", () => {
    const configuration = load('version: 0.1\nstorage: { filesystem: { rootdirectory: /a } }\n', {
      REGISTRY_STORAGE: 's3',
      REGISTRY_STORAGE_S3_BUCKET: 'b',
      REGISTRY_AUTH: 'htpasswd',
      REGISTRY_AUTH_HTPASSWD_PATH: '/auth/htpasswd',
      REGISTRY_STORAGE_S3_SECRETKEY: '0042',
    });
    expect(storageDriverOf(configuration.storage)['s3']).toMatchObject({
      bucket: 'b',
      secretkey: '0042',
      chunksize: 10 * 1024 * 1024,
    });
    expect(configuration.auth?.htpasswd?.path).toBe('/auth/htpasswd');
  });

  it('reads the parameters of the store that is moved away from as those of the own one', () => {
    const fallback = '{ azure: { accountname: a, container: c, retry_delay: 1, accountkey: 0123 } }';
    const configuration = load(`version: 0.1\nstorage: { inmemory: , fallback: ${fallback} }\n`, {
      REGISTRY_STORAGE_FALLBACK_AZURE_CHUNKSIZE: '8MiB',
    });
    expect(storageOptionsOf(configuration).fallback).toEqual({
      azure: expect.objectContaining({ retry_delay: 1000, chunksize: 8 * 1024 * 1024, accountkey: '0123' }),
    });
    const wrong = problemsOf('version: 0.1\nstorage: { inmemory: , fallback: { s3: { bucket: "" } } }\n');
    expect(wrong).toEqual({ 'storage.fallback.s3.bucket': 'must not be empty' });
  });

  it.each([1000, 30_000])(
    'refuses %i as the timeout of OSS: a number without a unit counts seconds',
    (timeout) => {
      const oss = `{ region: oss-cn-hangzhou, bucket: bucket, timeout: ${timeout} }`;
      const wrong = problemsOf(`version: 0.1\nstorage: { oss: ${oss}, fallback: { oss: ${oss} } }\n`);
      const message = expect.stringMatching(/a bare number counts seconds.* at most 600000 ms/);
      expect(wrong).toEqual({ 'storage.oss.timeout': message, 'storage.fallback.oss.timeout': message });
    },
  );

  it('reaches keys that hold an underscore, and those of a custom driver that the file names', () => {
    const azure = load('version: 0.1\nstorage: { azure: { container: c } }\n', {
      REGISTRY_STORAGE_AZURE_MAX_RETRIES: '-1',
      REGISTRY_STORAGE_AZURE_RETRY_DELAY: '1s',
    });
    expect(storageDriverOf(azure.storage)['azure']).toMatchObject({ max_retries: -1, retry_delay: 1000 });
    const custom = load('version: 0.1\nstorage: { acme: { size: 1 } }\n', {
      REGISTRY_STORAGE_ACME_SIZE: '2',
    });
    expect(storageDriverOf(custom.storage)).toEqual({ acme: { size: 2 } });
  });

  it('reads secrets from files, without the newline at their end', () => {
    const path = fileOf('canary\n');
    const configuration = load(smallest, {
      REGISTRY_HTTP_SECRET_FILE: path,
      REGISTRY_POSTGRES_HOST: 'db',
      REGISTRY_POSTGRES_PASSWORD_FILE: path,
    });
    expect(configuration.http.secret).toBe('canary');
    expect(configuration.postgres?.password).toBe('canary');
  });

  it('keeps health.file, which is a key, apart from the files of secrets', () => {
    expect(load(smallest, { REGISTRY_HEALTH_FILE_0_FILE: '/tmp/down' }).health.file).toEqual([
      { file: '/tmp/down', interval: 10_000 },
    ]);
  });

  it('refuses a value and a file for the same key, and a file that is not there', () => {
    const both = problemsOf(smallest, { REGISTRY_HTTP_SECRET: 'a', REGISTRY_HTTP_SECRET_FILE: fileOf('b') });
    expect(both).toEqual({
      REGISTRY_HTTP_SECRET: 'is set beside REGISTRY_HTTP_SECRET_FILE; set one of them',
    });
    expect(
      problemsOf(smallest, { REGISTRY_HTTP_SECRET_FILE: join(directory, 'absent') })[
        'REGISTRY_HTTP_SECRET_FILE'
      ],
    ).toContain('ENOENT');
  });

  it('refuses a variable that names no key, and a gap in a list', () => {
    expect(
      problemsOf(smallest, {
        REGISTRY_HTTP_ADRR: ':1',
        REGISTRY_HTTP_HTTP2: 'x',
        REGISTRY_HEALTH_TCP_1_ADDR: 'a:1',
      }),
    ).toEqual({
      REGISTRY_HTTP_ADRR: 'no key of the configuration has this name; did you mean REGISTRY_HTTP_ADDR?',
      REGISTRY_HEALTH_TCP_1_ADDR: 'its index leaves a gap in the list; indexes count from 0 without gaps',
    });
  });

  it('ignores the variables that Kubernetes sets for Services named registry and registry-postgres', () => {
    const links = {
      REGISTRY_PORT: 'tcp://10.0.0.1:5000',
      REGISTRY_PORT_5000_TCP: 'tcp://10.0.0.1:5000',
      REGISTRY_PORT_5000_TCP_ADDR: '10.0.0.1',
      REGISTRY_SERVICE_HOST: '10.0.0.1',
      REGISTRY_SERVICE_PORT_HTTP: '5000',
      REGISTRY_POSTGRES_PORT: 'tcp://10.0.0.2:5432',
      REGISTRY_POSTGRES_SERVICE_HOST: '10.0.0.2',
    };
    expect(load(smallest, links).postgres).toBeUndefined();
  });

  it('takes the URL of a Postgres socket', () => {
    const url = 'postgresql://longshore@/postgres?host=%2Frun%2Fpostgresql';
    expect(load(smallest, { REGISTRY_POSTGRES_URL: url }).postgres?.url).toBe(url);
  });

  it('finds the file by REGISTRY_CONFIGURATION_PATH', () => {
    expect(
      loadConfiguration({ environment: { REGISTRY_CONFIGURATION_PATH: fileOf(smallest) } }).storage.inmemory,
    ).toEqual({});
  });

  it('prints no secret, whichever key is wrong', () => {
    const canary = 'canary-7f3a';
    const environment = {
      REGISTRY_POSTGRES_URL: `mysql://u:${canary}@h/d`,
      REGISTRY_STORAGE_DELETE_ENABLED: canary,
      REGISTRY_GC_GRACE: canary,
      REGISTRY_HTTP_HOST: `ftp://u:${canary}@h`,
      REGISTRY_LOG_LEVEL: canary,
      REGISTRY_STORAGE_S3: `{ secretkey: ${canary}, x: [`,
    };
    expect(JSON.stringify(problemsOf(smallest, environment))).not.toContain(canary);
    expect(Object.keys(problemsOf(smallest, environment)).length).toBeGreaterThanOrEqual(6);
  });
});
