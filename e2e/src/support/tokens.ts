import type { Answer } from '@longshore/testing';
import { expect } from 'vitest';
import { type Account, basic } from './credentials.ts';
import { expectStatus } from './expectations.ts';
import { client } from './target.ts';

interface Challenge {
  readonly realm: string;
  readonly service: string;
  readonly scope?: string;
  readonly error?: string;
}

/** Reads the Bearer challenge of an answer. */
export function challengeOf({ headers }: Answer): Challenge {
  const text = headers['www-authenticate'] ?? '';
  expect(text).toMatch(/^Bearer /);
  const fields = Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
  return { realm: fields['realm'] ?? '', service: fields['service'] ?? '', ...fields };
}

/**
 * Gets a token for scopes as a client does: from the endpoint that the challenge names. A scope that is not allowed is left out of it, and that is no
 * error. @param account undefined for a token of nobody
 */
export async function tokenFor(account: Account | undefined, scopes: readonly string[]): Promise<string> {
  const { realm, service } = challengeOf(await client.get('/v2/'));
  const url = new URL(realm);
  url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const headers = account === undefined ? {} : { authorization: basic(account) };
  const answer = await client.get(`${url.pathname}${url.search}`, headers);
  expectStatus(answer, 200);
  const { token, access_token: accessToken } = answer.json();
  return token ?? accessToken ?? '';
}
