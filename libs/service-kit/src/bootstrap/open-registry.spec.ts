import { loadConfiguration } from '@longshore/configuration';
import { describe, expect, it } from 'vitest';
import { openRegistryWarning } from './open-registry.ts';

const warningFor = (environment: Record<string, string>): string | undefined =>
  openRegistryWarning(
    loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}', ...environment } }),
  );

describe('openRegistryWarning', () => {
  it.each([':5000', '0.0.0.0:5000', '[::]:5000', '192.0.2.1:5000', 'registry.example:5000'])(
    'warns of an open registry at %s, and names the keys that change it',
    (addr) => {
      const warning = warningFor({ REGISTRY_HTTP_ADDR: addr });
      expect(warning).toMatch(/^OPEN REGISTRY.*auth.*http\.addr/);
      expect(warning).toContain(addr);
    },
  );

  it.each(['127.0.0.1:5000', '127.0.0.9:5000', 'localhost:5000', '[::1]:5000'])('is silent at %s', (addr) => {
    expect(warningFor({ REGISTRY_HTTP_ADDR: addr })).toBeUndefined();
  });

  it('is silent with accounts', () => {
    const accounts = { REGISTRY_AUTH_HTPASSWD_PATH: '/etc/htpasswd' };
    expect(warningFor({ REGISTRY_HTTP_ADDR: ':5000', ...accounts })).toBeUndefined();
  });
});
