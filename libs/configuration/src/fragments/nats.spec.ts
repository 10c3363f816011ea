import { describe, expect, it } from 'vitest';
import { nats } from './services.ts';

/** Returns the refused paths below `nats`. */
const refused = (section: object): string[] =>
  (nats.safeParse({ servers: ['nats:4222'], ...section }).error?.issues ?? []).map(({ path }) =>
    path.join('.'),
  );

describe('the nats section', () => {
  it.each([
    ['nothing more', {}],
    ["a password of the service's own user", { password: 'p' }],
    ['a user and a password', { user: 'u', password: 'p' }],
    ['a token', { token: 't' }],
    ['a file of credentials', { creds: '/c' }],
    ['a certificate and its key', { tls: { ca: '/ca', certificate: '/c', key: '/k' } }],
  ])('takes %s', (_what, section) => {
    expect(refused(section)).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['a token beside a password', { password: 'p', token: 't' }, 'token'],
    ['a file of credentials beside a token', { token: 't', creds: '/c' }, 'creds'],
    ['a user without a password', { user: 'u' }, 'password'],
    ['a certificate without its key', { tls: { certificate: '/c' } }, 'tls.key'],
    ['credentials in an address', { servers: ['a:4222', 'nats://u:p@b:4222'] }, 'servers.1'],
    ['credentials in an address without a scheme', { servers: ['u:p@b:4222'] }, 'servers.0'],
  ])('refuses %s', (_what, section, path) => {
    expect(refused(section)).toEqual([path]);
  });
});
