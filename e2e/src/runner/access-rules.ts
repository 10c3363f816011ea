import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@longshore/testing';
import { htpasswd, storage } from './configurations.ts';

/** Rules of access for `public`, `team`, `released`, and a namespace of their own for all users. */
const rules = `access:
  ownnamespace: true
  rules:
    - { name: public, subjects: [everybody], role: reader, repositories: ['public/**'] }
    - { name: maintainers, subjects: ['user:alice', 'user:dora', 'user:former', 'robot:ci'], role: maintainer, repositories: ['public/**', 'team/**', 'released/**'] }
    - { name: writers, subjects: ['user:bob', 'workload:ci/builder'], role: writer, repositories: ['team/**'] }
    - { name: developers, subjects: ['group:dev'], role: reader, repositories: ['team/**'] }
    - { name: releases, effect: deny, subjects: [everybody], actions: [overwrite, delete], repositories: ['released/**'], when: 'tag.startsWith("v")' }
`;

/**
 * Accounts of every source but certificates. The suite serves the providers, of people and of workloads, at the ports in `people-port` and
 * `workloads-port`.
 */
export async function accessRules(home: string, origin: string): Promise<string> {
  const [people, workloads] = [await freePort(), await freePort()];
  await writeFile(join(home, 'people-port'), String(people));
  await writeFile(join(home, 'workloads-port'), String(workloads));
  return `${storage(home)}http: { host: '${origin}', secret: 'the secret of the suite' }
auth:
  ${await htpasswd(home)}
  database: {}
  token: { service: 'registry.test', issuer: 'registry.test' }
  oidc:
    providers:
      - name: company
        issuer: http://127.0.0.1:${people}
        clientid: longshore
        clientsecret: 'the secret of the client, which is long enough'
  workloads:
    - name: ci
      issuer: http://127.0.0.1:${workloads}
      audience: https://registry.test
      rules: [{ claims: { project: '*' }, principal: '{project}' }]
${rules}`;
}

/** Users and robots of the database, and tokens that live as short as a token may. */
export const databaseAccounts = (home: string): string => `${storage(home)}auth:
  database: {}
  token: { service: 'registry.test', issuer: 'registry.test', expiration: 1m }
access:
  rules:
    - { name: maintainers, subjects: [accounts], role: maintainer, repositories: ['team/**', 'public/**'] }
`;

export interface CertifiedSettings {
  /** Files of the listener's own certificate, and of the authority that signs its clients' and revokes them. */
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  readonly revoked: string;
  readonly mode: 'verify-client-cert-if-given' | 'require-and-verify-client-cert';
}

/** The same rules, for accounts by client certificates beside the htpasswd file. */
export const certified =
  ({ certificate, key, authority, revoked, mode }: CertifiedSettings) =>
  async (home: string): Promise<string> => `${storage(home)}http:
  tls: { certificate: '${certificate}', key: '${key}', clientcas: ['${authority}'], clientcrls: ['${revoked}'], clientauth: ${mode} }
auth:
  ${await htpasswd(home)}
  token: { service: 'registry.test', issuer: 'registry.test' }
  certificate:
    accounts:
      - { from: spiffe, match: 'spiffe://registry.test/*', account: ci/builder, kind: workload }
      - { from: commonname }
${rules}`;
