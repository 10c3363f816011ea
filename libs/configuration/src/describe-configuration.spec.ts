import { describe, expect, it } from 'vitest';
import { describeConfiguration } from './describe-configuration.ts';
import { loadConfiguration } from './load-configuration.ts';

const rows = describeConfiguration();
const row = (key: string) => rows.find((candidate) => candidate.key === key);

describe('describeConfiguration', () => {
  it('describes every key', () => {
    expect(rows.length).toBeGreaterThan(200);
    expect(
      rows.filter(({ description, type }) => description === '' || type === '').map(({ key }) => key),
    ).toEqual([]);
  });

  it('gives type, default and variable as a user writes them', () => {
    expect(row('http.addr')).toMatchObject({
      type: 'address',
      default: ':5000',
      environment: 'REGISTRY_HTTP_ADDR',
      secret: false,
    });
    expect(row('gc.grace')).toMatchObject({
      type: 'duration',
      default: '24h',
      environment: 'REGISTRY_GC_GRACE',
    });
    expect(row('http.secret')).toMatchObject({ type: 'secret', default: '', secret: true });
    expect(row('storage.s3.bucket')).toMatchObject({ default: 'required' });
    expect(row('notifications.endpoints[].ignore.actions')).toMatchObject({
      environment: 'REGISTRY_NOTIFICATIONS_ENDPOINTS_0_IGNORE_ACTIONS',
      default: '[]',
    });
  });

  it('names variables that the loader knows', () => {
    const unknown = rows.filter(({ environment }) => {
      try {
        loadConfiguration({ environment: { [environment]: 'x' } });
        return false;
      } catch (error) {
        return error instanceof Error && error.message.includes('no key of the configuration has this name');
      }
    });
    // The version has no variable, as in distribution.
    expect(unknown.map(({ key }) => key)).toEqual([]);
  });

  it('gives defaults that the loader accepts', () => {
    const environment = Object.fromEntries(
      rows
        .filter(
          ({ key, default: fallback }) =>
            /^(?:log|http|gc|health|validation|catalog|tags)\./.test(key) &&
            !/required|^$|\[|\(/.test(fallback),
        )
        .map((each) => [each.environment, each.default]),
    );
    const listed = Object.fromEntries(Object.entries(environment).filter(([name]) => !name.includes('_0_')));
    const required = {
      REGISTRY_STORAGE: 'inmemory',
      REGISTRY_HTTP_TLS_LETSENCRYPT_CACHEFILE: 'acme',
      REGISTRY_HTTP_TLS_LETSENCRYPT_HOSTS: '[registry.example]',
    };
    expect(() => loadConfiguration({ environment: { ...listed, ...required } })).not.toThrow();
  });
});
