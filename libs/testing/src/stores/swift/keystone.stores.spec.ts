import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../eventually.ts';
import { type KeystoneSwift, startSwiftWithKeystone } from '../index.ts';
import { send } from './send.ts';

const domain = { id: 'default' };

const passwordOf = ({ username, password }: { username: string; password: string }) => ({
  methods: ['password'],
  password: { user: { name: username, domain, password } },
});

describe('startSwiftWithKeystone', () => {
  let server: KeystoneSwift;

  beforeAll(async () => {
    server = await startSwiftWithKeystone({ tokenLifeSeconds: 15 });
  });

  afterAll(() => server.stop());

  async function logIn(auth: object): Promise<string> {
    const answer = await fetch(`${server.keystoneUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth }),
    });
    expect(await answer.text()).toContain('"token"');
    return answer.headers.get('x-subject-token') ?? '';
  }

  const scope = () => ({ project: { name: server.project, domain } });
  const urlOf = (key: string) => `${server.storageUrl}/${server.container}/${key}`;

  it('serves a login with a password, a PUT and a GET', async () => {
    const token = await logIn({ identity: passwordOf(server), scope: scope() });
    expect(await send(urlOf('a/key'), token, { method: 'PUT', body: 'bytes' })).toMatchObject({
      status: 201,
    });
    expect(await send(urlOf('a/key'), token)).toEqual({ status: 200, text: 'bytes' });
  });

  it('accepts an application credential and a trustee', async () => {
    const { id, secret } = server.applicationCredential;
    const methods = ['application_credential'];
    const byCredential = await logIn({ identity: { methods, application_credential: { id, secret } } });
    expect(await send(urlOf('one'), byCredential, { method: 'PUT', body: '' })).toMatchObject({
      status: 201,
    });
    const trusted = { 'OS-TRUST:trust': { id: server.trust.id } };
    const byTrust = await logIn({ identity: passwordOf(server.trust), scope: trusted });
    expect(await send(urlOf('two'), byTrust, { method: 'PUT', body: '' })).toMatchObject({ status: 201 });
  });

  it('denies a user who has only the role of a reader', async () => {
    const token = await logIn({ identity: passwordOf(server.stranger), scope: scope() });
    expect(await send(urlOf('three'), token, { method: 'PUT', body: '' })).toMatchObject({ status: 403 });
  });

  it('accepts a token only until it expires', async () => {
    const token = await logIn({ identity: passwordOf(server), scope: scope() });
    expect(await send(urlOf('a/key'), token)).toMatchObject({ status: 200 });
    await eventually(async () => {
      expect(await send(urlOf('a/key'), token)).toMatchObject({ status: 401 });
    }, 60_000);
  });
});
