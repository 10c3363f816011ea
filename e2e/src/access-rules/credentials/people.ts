import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProvider, TextBrowser } from '@longshore/testing/oidc';
import { type Credentials, refused, user } from '../../support/access-matrix.ts';
import { basic } from '../../support/credentials.ts';
import { expectStatus } from '../../support/expectations.ts';
import { client, target } from '../../support/target.ts';
import { everything, scopedToken } from './scoped-tokens.ts';

interface Session {
  readonly access_token: string;
  readonly refresh_token: string;
}

async function post<T>(path: string, form: Readonly<Record<string, string>>): Promise<T> {
  const answer = await client.send('POST', path, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ client_id: 'longshore', ...form }).toString(),
  });
  expectStatus(answer, 200);
  return JSON.parse(answer.body.toString() || '{}');
}

/** Confirms a device as a person does, and returns its session. */
async function deviceSession(sub: string): Promise<Session> {
  const begun = await post<{ device_code: string; user_code: string }>('/auth/device/code', {});
  const browser = new TextBrowser();
  await browser.logIn(`${target.origin}/auth/login/company?user_code=${begun.user_code}`, sub);
  await browser.submit({ button: 'confirm' });
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  return post('/auth/device/token', { grant_type, device_code: begun.device_code });
}

/** Logs a person in at a real provider, and returns what the sessions give: one that lasts, and one that was ended. */
export async function sessions(repositories: readonly string[]): Promise<Credentials[]> {
  const port = Number(await readFile(join(target.home, 'people-port'), 'utf8'));
  const provider = await startProvider({ registries: [target.origin], name: 'company', port });
  try {
    provider.people.set('1', { name: 'olga', groups: ['dev'] });
    const [lasting, ended] = [await deviceSession('1'), await deviceSession('1')];
    const wanted = { holder: user('olga', 'dev'), scopes: everything(repositories) };
    const tokenOf = ({ access_token: password }: Session, name: string) =>
      scopedToken({ ...wanted, name, account: { username: 'olga', password } });
    const credentials = [
      await tokenOf(lasting, 'a token of a session'),
      refused('a token of an ended session', (await tokenOf(ended, '')).authorization ?? ''),
      // Only the token endpoint takes the secrets of a session.
      refused('the access secret of a session', basic({ username: 'olga', password: lasting.access_token })),
      refused(
        'the refresh secret of a session',
        basic({ username: 'olga', password: lasting.refresh_token }),
      ),
    ];
    await post('/auth/device/revoke', { token: ended.refresh_token });
    return credentials;
  } finally {
    await provider.close();
  }
}
