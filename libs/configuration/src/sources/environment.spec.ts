import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../configuration-error.ts';
import { describeConfiguration } from '../describe-configuration.ts';
import { storageDriverOf } from '../fragments/storage.ts';
import { loadConfigurationWithWarnings } from '../load-configuration.ts';

type Said = readonly { readonly path: string; readonly message: string }[];

function load(environment: Record<string, string>) {
  return loadConfigurationWithWarnings({ environment: { REGISTRY_STORAGE: 'inmemory', ...environment } });
}

/** Returns the problems and warnings of variables, by key or variable. */
function said(environment: Record<string, string>): { problems: Said; warnings: Said } {
  try {
    return { problems: [], warnings: load(environment).warnings };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error;
  }
}

describe('a variable', () => {
  it.each([
    ['"/data"', '/data'],
    ["'/data'", '/data'],
    ['/data', '/data'],
    [' /data ', '/data'],
    ['"/with # in it"', '/with # in it'],
    ['/a#b', '/a#b'],
    ['0042', '0042'],
    ['true', 'true'],
    [String.raw`"/a\tb"`, '/a\tb'],
    // A text that is not a single YAML value, which distribution refuses, is taken literally.
    ['@data', '@data'],
    ['`data', '`data'],
    ['data: x', 'data: x'],
    ['[a', '[a'],
    ['*data', '*data'],
    ['!data', '!data'],
    ["it's", "it's"],
    ['"a" b', '"a" b'],
  ])('is YAML: %s means %s', (written, meant) => {
    const environment = {
      REGISTRY_STORAGE: 'filesystem',
      REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: written,
    };
    expect(storageDriverOf(load(environment).configuration.storage)['filesystem']).toMatchObject({
      rootdirectory: meant,
    });
  });

  it('is YAML where a list or a section is wanted, too', () => {
    const { configuration } = load({
      REGISTRY_STORAGE: '"filesystem"',
      REGISTRY_HTTP_TRUSTEDPROXIES: '"10.0.0.0/8,192.0.2.1"',
      REGISTRY_LOG_ACCESSLOG_DISABLED: '"true"',
    });
    expect(Object.keys(storageDriverOf(configuration.storage))).toEqual(['filesystem']);
    expect(configuration.http.trustedproxies).toEqual(['10.0.0.0/8', '192.0.2.1']);
    expect(configuration.log.accesslog.disabled).toBe(true);
  });

  it('refuses text behind a # instead of dropping it', () => {
    expect(said({ REGISTRY_HTTP_SECRET: 'pass #word' }).problems).toEqual([
      {
        path: 'REGISTRY_HTTP_SECRET',
        message: 'has a # where YAML begins a comment; put the value between quotes',
      },
    ]);
    expect(load({ REGISTRY_HTTP_SECRET: "'pass #word'" }).configuration.http.secret).toBe('pass #word');
  });

  it.each(['', '  ', '~', 'null'])('that says nothing (%j) has no effect, and that is told', (value) => {
    const { configuration, warnings } = load({ REGISTRY_HTTP_ADDR: value });
    expect(configuration.http.addr).toBe(':5000');
    expect(warnings).toEqual([{ path: 'REGISTRY_HTTP_ADDR', message: 'is empty and has no effect' }]);
  });
});

describe('a key without effect, or that is refused,', () => {
  const rows = describeConfiguration();
  const variables = (mark: RegExp) =>
    rows
      .filter(({ description }) => mark.test(description))
      .map(({ key, environment }) => ({ key, environment: environment.replace(/_0_/, '_0_') }));

  it.each([
    ...variables(/^Accepted and ignored: /).filter(
      ({ key }) => rows.find((row) => row.key === key)?.type === 'any',
    ),
    { key: 'redis', environment: 'REGISTRY_REDIS_ADDR' },
    { key: 'redis', environment: 'REGISTRY_REDIS_PASSWORD_FILE' },
    { key: 'http.http2', environment: 'REGISTRY_HTTP_HTTP2_DISABLED' },
    { key: 'reporting', environment: 'REGISTRY_REPORTING_BUGSNAG_APIKEY' },
  ])('is the same by $environment as in the file', ({ key, environment }) => {
    const { problems, warnings } = said({ [environment]: 'x' });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([{ path: key, message: expect.stringMatching(/^has no effect: /) }]);
  });

  it.each([
    ...rows.filter(({ type }) => type === 'refused').map(({ key, environment }) => ({ key, environment })),
    { key: 'proxy', environment: 'REGISTRY_PROXY_REMOTEURL' },
    { key: 'auth.silly', environment: 'REGISTRY_AUTH_SILLY_REALM' },
    { key: 'database', environment: 'REGISTRY_DATABASE_HOST' },
    { key: 'storage.gcs', environment: 'REGISTRY_STORAGE_GCS_BUCKET' },
  ])('is refused by $environment as by $key', ({ key, environment }) => {
    expect(said({ [environment]: 'x' }).problems).toContainEqual({
      path: key,
      message: expect.stringMatching(/^is not supported: /),
    });
  });
});
