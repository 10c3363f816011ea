import { loadConfiguration } from '@longshore/configuration';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accessLines, sourceLines } from './ready-lines.ts';

const configured = (environment: Record<string, string>) =>
  loadConfiguration({
    environment: {
      REGISTRY_STORAGE_INMEMORY: '{}',
      REGISTRY_HTTP_SECRET: 'a secret of a test',
      ...environment,
    },
  });

describe('accessLines', () => {
  it('says that the registry is open', () => {
    expect(accessLines(configured({ REGISTRY_HTTP_ADDR: ':5000' }))).toEqual([
      'access: open, everybody who reaches it may pull, push and delete',
    ]);
  });

  it.each([
    [{ REGISTRY_AUTH_HTPASSWD_PATH: '/etc/users' }, 'access: accounts of /etc/users, by Basic'],
    [
      { REGISTRY_AUTH_HTPASSWD_PATH: '/etc/users', REGISTRY_AUTH_TOKEN: '{}' },
      'access: accounts of /etc/users, by Basic and by tokens',
    ],
    [
      {
        REGISTRY_AUTH_TOKEN_REALM: 'https://sts.example/token',
        REGISTRY_AUTH_TOKEN_ISSUER: 'sts.example',
        REGISTRY_AUTH_TOKEN_JWKS: '/etc/jwks',
      },
      'access: by tokens of sts.example',
    ],
  ])('names the form of access of %j', (environment, line) => {
    expect(accessLines(configured({ REGISTRY_HTTP_ADDR: ':5000', ...environment }))).toEqual([line]);
  });
});

describe('sourceLines', () => {
  beforeEach(() => {
    for (const name of Object.keys(process.env).filter((key) => key.startsWith('REGISTRY_')))
      vi.stubEnv(name, undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('names the file, the variables without their values, and the home', () => {
    vi.stubEnv('REGISTRY_HTTP_SECRET', 'canary');
    const lines = sourceLines({ config: '/etc/registry.yml' }, '/srv/home');
    expect(lines).toEqual(['configuration: /etc/registry.yml, and REGISTRY_HTTP_SECRET', 'home: /srv/home']);
  });

  it('reports that there is no file', () => {
    expect(sourceLines({ config: undefined }, '/h')[0]).toBe('configuration: defaults (no --config FILE)');
  });
});
