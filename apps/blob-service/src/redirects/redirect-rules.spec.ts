import { loadConfiguration } from '@longshore/configuration';
import { describe, expect, it } from 'vitest';
import { RedirectRules } from './redirect-rules.ts';

function rules(redirect: string): RedirectRules {
  const environment = { REGISTRY_STORAGE: `{ inmemory: {}, redirect: ${redirect} }` };
  return new RedirectRules(loadConfiguration({ environment }).storage.redirect);
}

const pull = { repository: 'team/app', method: 'GET', address: '198.51.100.7', userAgent: 'docker/29.0' };

describe('RedirectRules', () => {
  it('redirects pulls to the store, and answers HEAD itself', () => {
    expect(rules('{}').allow(pull)).toBe(true);
    expect(rules('{}').allow({ ...pull, method: 'HEAD' })).toBe(false);
    expect(rules('{ head: true }').allow({ ...pull, method: 'HEAD' })).toBe(true);
  });

  it.each([
    ['nobody', '{ disable: true }', true],
    ['a repository', '{ except: { repositories: [team/*] } }', true],
    ['another repository', '{ except: { repositories: [team] } }', false],
    ['repositories at any depth', '{ except: { repositories: ["**/app"] } }', true],
    ['a network', '{ except: { clients: [198.51.100.0/24] } }', true],
    ['an address', '{ except: { clients: [198.51.100.7] } }', true],
    ['another network', '{ except: { clients: ["2001:db8::/32"] } }', false],
    ['a client', '{ except: { useragents: ["^docker/"] } }', true],
    ['another client', '{ except: { useragents: ["^podman/"] } }', false],
  ])('applies exceptions: %s', (_, redirect, isLeftOut) => {
    expect(rules(redirect).allow(pull)).toBe(!isLeftOut);
  });

  it('takes little time for any input of a client', () => {
    const backtracking =
      '{ except: { repositories: ["*a*a*a*a*a*a*a*a*a*a*a*a*b"], useragents: ["^([^/]+/?)*!$"] } }';
    const asked = { ...pull, repository: 'a'.repeat(255), userAgent: 'a'.repeat(30_000) };
    expect(rules(backtracking).allow(asked)).toBe(true);
  });

  it.each([
    ['a network that is none', '{ except: { clients: [10.0.0.0/33] } }', 'storage.redirect.except.clients.0'],
    ['a glob that is none', '{ except: { repositories: ["{a"] } }', 'storage.redirect.except.repositories.0'],
    ['a URL that is good for less than a minute', '{ expiry: 10s }', 'storage.redirect.expiry'],
  ])('refuses %s', (_, redirect, key) => {
    expect(() => rules(redirect)).toThrow(key);
  });
});
