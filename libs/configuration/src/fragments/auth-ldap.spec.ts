import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../load-configuration.ts';

const urls = ['ldaps://directory.example'];
const userdn = 'uid={name},dc=example';
const search = { base: 'dc=example' };
const load = (ldap: Readonly<Record<string, unknown>>) =>
  loadConfiguration({
    environment: { REGISTRY_STORAGE: 'inmemory', REGISTRY_AUTH: JSON.stringify({ ldap }) },
  }).auth?.ldap;

describe('auth.ldap', () => {
  it('finds users by search, or by name, and has defaults for the rest', () => {
    expect(load({ urls, search })).toMatchObject({
      search: { filter: '(uid={name})' },
      attributes: { name: 'uid', id: 'entryUUID' },
      deadline: 3000,
      recheck: 30_000,
    });
    expect(load({ urls, userdn })).toMatchObject({ userdn });
  });

  it.each([
    ['a server that is none', { urls: ['http://a'], userdn }, 'auth.ldap.urls.0'],
    ['no server', { urls: [], userdn }, 'auth.ldap.urls'],
    ['passwords in the clear', { urls: ['ldap://directory.example'], userdn }, 'in the clear'],
    ['TLS twice', { urls, userdn, starttls: true }, 'leave starttls out'],
    ['no way to find a user', { urls }, 'needs either userdn or search'],
    ['two ways to find a user', { urls, userdn, search }, 'needs either userdn or search'],
    ['one name for all users', { urls, userdn: 'uid=ann' }, 'auth.ldap.userdn: must contain {name}'],
    ['one filter for all users', { urls, search: { ...search, filter: '(uid=ann)' } }, 'must contain {name}'],
    [
      'a password without an account',
      { urls, search: { ...search, password: 'a' } },
      'search.binddn: is required with password',
    ],
    [
      'one filter for all groups',
      { urls, userdn, groups: { base: 'a', filter: '(a=b)' } },
      'must contain {dn}',
    ],
  ])('refuses %s', (_, ldap, complaint) => {
    expect(() => load(ldap)).toThrow(complaint);
  });

  it('may speak in the clear to this machine, and with StartTLS to others', () => {
    for (const url of ['ldap://127.0.0.1:389', 'ldap://localhost', 'ldap://[::1]'])
      expect(load({ urls: [url], userdn })).toBeDefined();
    expect(load({ urls: ['ldap://directory.example'], userdn, starttls: true })).toBeDefined();
  });
});
