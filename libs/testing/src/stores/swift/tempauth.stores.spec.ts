import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../eventually.ts';
import { startSwift, type TempauthSwift } from '../index.ts';
import { isAlive } from '../../is-alive.ts';
import { send } from './send.ts';
import { logInWithTempauth } from './tempauth.ts';

describe('startSwift', () => {
  let server: TempauthSwift;
  let pid = 0;

  beforeAll(async () => {
    server = await startSwift({ tokenLifeSeconds: 15 });
    pid = server.pid;
  });

  afterAll(() => server.stop());

  const urlOf = (key: string) => `${server.storageUrl}/${server.container}/${key}`;

  it('serves a login, a PUT and a GET', async () => {
    const { token, storageUrl } = await logInWithTempauth(server);
    expect(storageUrl).toBe(server.storageUrl);
    expect(await send(urlOf('a/key'), token, { method: 'PUT', body: 'bytes' })).toMatchObject({
      status: 201,
    });
    expect(await send(urlOf('a/key'), token)).toEqual({ status: 200, text: 'bytes' });
  });

  it('combines objects by a static manifest, and deletes in bulk', async () => {
    const { token } = await logInWithTempauth(server);
    await send(urlOf('part/1'), token, { method: 'PUT', body: 'by' });
    await send(urlOf('part/2'), token, { method: 'PUT', body: 'tes' });
    const body = JSON.stringify(['1', '2'].map((part) => ({ path: `/${server.container}/part/${part}` })));
    await send(`${urlOf('whole')}?multipart-manifest=put`, token, { method: 'PUT', body });
    expect(await send(urlOf('whole'), token)).toEqual({ status: 200, text: 'bytes' });
    const names = ['part/1', 'part/2', 'whole'].map((name) => `/${server.container}/${name}`).join('\n');
    const deleted = await send(`${server.storageUrl}?bulk-delete`, token, { method: 'POST', body: names });
    expect(deleted.text).toContain('Number Deleted: 3');
  });

  it('denies a user without a role', async () => {
    const { token } = await logInWithTempauth({ ...server, ...server.stranger });
    expect(await send(urlOf('a/key'), token)).toMatchObject({ status: 403 });
  });

  it('accepts a token only until it expires', async () => {
    const { token } = await logInWithTempauth(server);
    expect(await send(urlOf('a/key'), token)).toMatchObject({ status: 200 });
    await eventually(async () => {
      expect(await send(urlOf('a/key'), token)).toMatchObject({ status: 401 });
    }, 60_000);
  });

  it('keeps port and data over a kill and a restart', async () => {
    const before = await logInWithTempauth(server);
    await send(urlOf('kept'), before.token, { method: 'PUT', body: 'bytes' });
    await server.kill();
    expect(isAlive(pid)).toBe(false);
    await server.restart();
    const { token } = await logInWithTempauth(server);
    expect(await send(urlOf('kept'), token)).toEqual({ status: 200, text: 'bytes' });
  });
});
