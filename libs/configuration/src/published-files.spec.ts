import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from './configuration-error.ts';
import { loadConfigurationWithWarnings } from './load-configuration.ts';

const directory = mkdtempSync(join(tmpdir(), 'configuration-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Said {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Returns the problems and warnings of a file, each as `key message`. */
function said(text: string): Said {
  const file = join(directory, 'registry.yml');
  writeFileSync(file, text);
  const told = (found: readonly { path: string; message: string }[]): string[] =>
    found.map(({ path, message }) => `${path.replace(directory, '')} ${message}`);
  try {
    const { warnings } = loadConfigurationWithWarnings({ file, environment: {} });
    return { problems: [], warnings: told(warnings) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { problems: told(error.problems), warnings: told(error.warnings) };
  }
}

const smallest = 'version: 0.1\nstorage: { inmemory: {} }\n';

describe('a configuration that was published for another registry', () => {
  it("is accepted if it is distribution's development example, with its mail hook switched off", () => {
    const { problems, warnings } = said(`version: 0.1
log:
  level: debug
  fields: { service: registry, environment: development }
  hooks:
    - type: mail
      disabled: true
      levels: [panic]
      options:
        smtp: { addr: 'mail.example.com:25', username: mailuser, password: password, insecure: true }
        from: sender@example.com
        to: [errors@example.com]
storage:
  delete: { enabled: true }
  cache: { blobdescriptor: redis }
  filesystem: { rootdirectory: /var/lib/registry }
http:
  addr: :5000
  debug: { addr: ':5001', prometheus: { enabled: true, path: /metrics } }
  headers: { X-Content-Type-Options: [nosniff] }
redis: { addrs: ['localhost:6379'], maintnotifications: { mode: disabled } }
`);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      'log.hooks.0 is left out: mail from the logger; send the logs to a collector that alerts',
      expect.stringMatching(/^redis has no effect: /),
    ]);
  });

  it("is accepted if it is Harbor's, with a warning of schema 1", () => {
    const { problems, warnings } = said(`version: 0.1
log: { level: info, fields: { service: registry } }
storage:
  cache: { layerinfo: redis }
  filesystem: { rootdirectory: /storage }
  maintenance: { uploadpurging: { enabled: true, age: 168h, interval: 24h, dryrun: false } }
  delete: { enabled: true }
redis: { addr: 'redis:6379', db: 1 }
http: { addr: ':5000', secret: placeholder, debug: { addr: 'localhost:5001' } }
auth: { htpasswd: { realm: harbor-registry-basic-realm, path: /etc/registry/passwd } }
validation: { disabled: true }
compatibility: { schema1: { enabled: true } }
`);
    expect(problems).toEqual([]);
    expect(warnings).toContainEqual(
      'compatibility.schema1.enabled has no effect: manifests of schema 1 are not taken; clients have not written them since 2017',
    );
  });

  it.each([
    ['delete: { enabled: true }', 'delete is no key of the configuration; did you mean storage.delete?'],
    ['htpasswd: { path: /a }', 'htpasswd is no key of the configuration; did you mean auth.htpasswd?'],
    [
      'gc: { maintenance: {} }',
      'gc.maintenance is no key of the configuration; did you mean storage.maintenance?',
    ],
    [
      'http: { tls: { letsencrypt: { email: a@example.org, hosts: [a.example] } } }',
      'http.tls.letsencrypt.cachefile is required',
    ],
    [
      'database: { enabled: true, host: db, port: 5432, user: registry, password: x, dbname: registry, sslmode: disable }',
      "database is not supported: GitLab's database of metadata; set postgres.url, or postgres.host with user and password",
    ],
    [
      'log: { level: info, level: debug }',
      '/registry.yml has the key level twice in one section, again at line 3, column 21',
    ],
  ])('says one thing about %s', (section, problem) => {
    expect(said(`${smallest}${section}\n`).problems).toEqual([problem]);
  });

  it('warns even if there are problems', () => {
    const { problems, warnings } = said(`${smallest}redis: { addr: x }\nhttp: { adr: x }\n`);
    expect(problems).toEqual(['http.adr is no key of the configuration; did you mean addr?']);
    expect(warnings).toEqual([expect.stringMatching(/^redis has no effect/)]);
  });

  it.each([
    [
      's3: { region: x, bucket: b, regionendpoint: http://192.0.2.1:9000 }',
      ['storage.s3.regionendpoint is an address'],
    ],
    [
      's3: { region: x, bucket: b, regionendpoint: "https://[2001:db8::1]" }',
      ['storage.s3.regionendpoint is an address'],
    ],
    ['s3: { region: x, bucket: b, regionendpoint: http://store.example }', []],
    [
      's3: { region: x, bucket: b, regionendpoint: http://192.0.2.1, redirectendpoint: https://store.example }',
      [],
    ],
    ['s3: { region: x, bucket: b, regionendpoint: http://192.0.2.1 }, redirect: { disable: true }', []],
  ])('warns of redirects that clients do not follow: %s', (storage, warnings) => {
    expect(said(`version: 0.1\nstorage: { ${storage} }\n`).warnings).toEqual(
      warnings.map((warning) => expect.stringContaining(warning)),
    );
  });

  it('warns of a store that depends on where the service is started', () => {
    const text = 'version: 0.1\nstorage: { filesystem: { rootdirectory: data } }\n';
    expect(said(text).warnings).toEqual([
      `storage.filesystem.rootdirectory is relative: it means ${process.cwd()}/data when started here; write an absolute path`,
    ]);
    expect(said(text.replace('data', '/data')).warnings).toEqual([]);
  });
});

function load(text: string) {
  const file = join(directory, 'merged.yml');
  writeFileSync(file, text);
  return loadConfigurationWithWarnings({ file, environment: {} }).configuration;
}

describe('YAML', () => {
  it('supports merge keys: own entries win, then those of the first merged map', () => {
    const { notifications } = load(`version: 0.1
storage: { inmemory: {} }
notifications:
  endpoints:
    - &first { name: one, url: 'https://one.example', timeout: 5s, threshold: 3 }
    - { <<: *first, name: two, url: 'https://two.example' }
    - { name: three, <<: [{ timeout: 7s }, *first] }
`);
    expect(notifications.endpoints).toMatchObject([
      { name: 'one', timeout: 5000, threshold: 3 },
      { name: 'two', url: 'https://two.example', timeout: 5000, threshold: 3 },
      { name: 'three', url: 'https://one.example', timeout: 7000, threshold: 3 },
    ]);
  });

  it('limits aliases, and reports the limit', () => {
    const aliases = Array.from({ length: 51 }, () => '*one').join(', ');
    expect(said(`${smallest}log: { fields: { a: &one x, b: [${aliases}] } }\n`).problems).toEqual([
      '/registry.yml has more than 50 aliases',
    ]);
  });
});
