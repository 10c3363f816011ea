import { X509Certificate } from 'node:crypto';
import { type CertificateOptions, TestAuthority } from '@longshore/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { type AccountRule, CertificateAccounts } from './certificate-accounts.ts';

const authority = new TestAuthority('people');
afterAll(() => authority.remove());

const named = (options: CertificateOptions): X509Certificate =>
  new X509Certificate(authority.issue(options).cert);
const rule = (from: AccountRule['from'], more: Partial<AccountRule> = {}): AccountRule => ({
  from,
  kind: 'user',
  ...more,
});
const accountOf = (certificate: X509Certificate, ...rules: AccountRule[]): string | undefined =>
  new CertificateAccounts(rules).accountOf(certificate)?.subject;

const workload = 'spiffe://example.org/ns/prod/sa/builder';
const full = named({
  subject: '/O=Example/CN=ann',
  names: ['DNS:Ann.People.example', 'email:ann@people.example', `URI:${workload}`],
});

describe('the account of a certificate', () => {
  it.each<[AccountRule, string | undefined]>([
    [rule('commonname'), 'ann'],
    [rule('commonname', { match: 'ann', account: 'anna' }), 'anna'],
    [rule('commonname', { match: 'an' }), undefined],
    [rule('commonname', { match: '*' }), undefined],
    [rule('subject', { match: 'O=Example,CN=ann', account: 'ann' }), 'ann'],
    [rule('subject', { match: 'CN=ann' }), undefined],
    [rule('dns'), 'ann.people.example'],
    [rule('dns', { match: '*.people.example' }), 'ann.people.example'],
    [rule('dns', { match: '*.example' }), undefined],
    [rule('email', { match: '*@people.example' }), 'ann@people.example'],
    [rule('email', { match: '*@example' }), undefined],
    [rule('uri'), workload],
    [rule('spiffe', { match: 'spiffe://example.org/ns/prod/sa/*' }), workload],
    [rule('spiffe', { match: 'spiffe://example.org/ns/*/sa/builder', account: 'ci' }), 'ci'],
    [rule('spiffe', { match: 'spiffe://example.org/ns/prod/*' }), undefined],
    [rule('spiffe', { match: 'spiffe://example.org.evil/ns/prod/sa/*' }), undefined],
  ])('by %o is %s', (by, expected) => {
    expect(accountOf(full, by)).toBe(expected);
  });

  it('is that of the first rule that fits', () => {
    const rules = [rule('commonname', { match: 'bob' }), rule('email', { account: 'first' }), rule('uri')];
    expect(accountOf(full, ...rules)).toBe('first');
    expect(accountOf(full)).toBeUndefined();
  });

  it('names its credential by serial number and authority', () => {
    const rules = [rule('spiffe', { kind: 'workload' })];
    expect(new CertificateAccounts(rules).accountOf(full)).toEqual({
      kind: 'workload',
      subject: workload,
      serial: full.serialNumber,
      issuer: 'CN=people',
    });
  });
});

describe('a certificate that tries to have the name of another', () => {
  it.each<[string, CertificateOptions]>([
    ['by a second name within a name (CVE-2021-44532)', { names: ['DNS:y.example, URI:spiffe://a/b'] }],
    ['by two common names', { subject: '/CN=ann/CN=eve' }],
    ['by a common name within another field', { subject: '/O=x\\/CN=ann/CN=eve' }],
    ['by a line break', { subject: '/CN=eve\nCN=ann' }],
    ['by blanks around it', { subject: '/CN= ann' }],
    ['by two URIs, of which one is a SPIFFE ID', { names: [`URI:${workload}`, 'URI:https://a.example'] }],
    ['by dots in a SPIFFE ID', { names: ['URI:spiffe://example.org/ns/../sa/builder'] }],
    ['by a port in a SPIFFE ID', { names: ['URI:spiffe://example.org:80/ns/prod/sa/builder'] }],
    ['by a capital trust domain', { names: ['URI:spiffe://EXAMPLE.org/ns/prod/sa/builder'] }],
  ])('%s has none', (_, options) => {
    const certificate = named({ subject: '/CN=eve', ...options });
    const rules = [rule('commonname', { match: 'ann' }), rule('spiffe')];
    expect(accountOf(certificate, ...rules)).toBeUndefined();
  });
});
