import { generateKeyPairSync, sign } from 'node:crypto';
import { type Credentials, nobody, refused, user } from '../../support/access-matrix.ts';
import { alice, basic, bob } from '../../support/credentials.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Returns a token for everything that another key has signed. */
function forged(repositories: readonly string[], about: object = {}): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Math.floor(Date.now() / 1000);
  const access = repositories.map((name) => ({ type: 'repository', name, actions: ['*'] }));
  const claims = {
    iss: 'registry.test',
    aud: 'registry.test',
    sub: 'alice',
    iat: now,
    exp: now + 300,
    access,
    ...about,
  };
  const text = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `Bearer ${text}.${signature.toString('base64url')}`;
}

/** Returns credentials that need nothing of the registry: passwords, and what is no credential. */
export function plainCredentials(repositories: readonly string[]): Credentials[] {
  return [
    { name: 'no credentials', holder: nobody },
    { name: 'a maintainer', authorization: basic(alice), holder: user('alice') },
    { name: 'a writer', authorization: basic(bob), holder: user('bob') },
    refused('a wrong password', basic({ ...alice, password: 'no' })),
    refused('an unknown account', basic({ username: 'eve', password: 'no' })),
    refused('a token that is none', 'Bearer nonsense'),
    refused('a forged token', forged(repositories)),
    refused('a forged token of another issuer', forged(repositories, { iss: 'other' })),
    refused('a forged token for another registry', forged(repositories, { aud: 'x' })),
    refused('an expired forged token', forged(repositories, { exp: 1 })),
    refused('an unknown scheme', 'Digest username="alice"'),
  ];
}
