import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IdentityProvider } from '@longshore/testing';
import { type Credentials, refused, workload } from '../../support/access-matrix.ts';
import { basic } from '../../support/credentials.ts';
import { expectStatus } from '../../support/expectations.ts';
import { client, target } from '../../support/target.ts';
import { everything } from './scoped-tokens.ts';

const asPassword = (password: string): string => basic({ username: '_', password });

/** Gets a token of the registry in exchange for one of the provider (RFC 8693). */
async function exchanged(token: string, scopes: readonly string[]): Promise<string> {
  const answer = await client.send('POST', '/auth/token', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: 'registry.test',
      scope: scopes.join(' '),
    }).toString(),
  });
  expectStatus(answer, 200);
  return answer.json().access_token ?? '';
}

/** Serves the provider of workloads, and returns its tokens in each way of sending them. @returns a function that stops the provider */
export async function workloads(repositories: readonly string[]): Promise<{
  readonly credentials: readonly Credentials[];
  readonly stop: () => Promise<void>;
}> {
  const port = Number(await readFile(join(target.home, 'workloads-port'), 'utf8'));
  const [provider, stranger] = [await IdentityProvider.start(port), await IdentityProvider.start()];
  const about = { sub: 'job 1', project: 'builder', aud: 'https://registry.test' };
  const holder = workload('ci/builder');
  const token = await provider.sign(about);
  const scopes = everything(repositories);
  const bothWays = async (name: string, signed: Promise<string>): Promise<Credentials[]> => [
    refused(name, `Bearer ${await signed}`),
    refused(`${name}, as password`, asPassword(await signed)),
  ];
  const credentials: Credentials[] = [
    { name: 'a token of a workload', authorization: `Bearer ${token}`, holder },
    { name: 'a token of a workload, as password', authorization: asPassword(token), holder },
    {
      name: 'a token of the registry for a workload',
      authorization: `Bearer ${await exchanged(token, scopes)}`,
      holder,
      scopes,
    },
    ...(await bothWays('one for another audience', provider.sign({ ...about, aud: 'other' }))),
    ...(await bothWays('an expired one', provider.sign({ ...about, exp: 1 }))),
    ...(await bothWays('one that no rule matches', provider.sign({ ...about, project: 'a/b' }))),
    ...(await bothWays('one of another key', stranger.sign({ ...about, iss: provider.issuer }))),
    ...(await bothWays('one of another issuer', stranger.sign(about))),
  ];
  return { credentials, stop: async () => void (await Promise.all([provider.stop(), stranger.stop()])) };
}
