import { Bus, InProcessBus, issueToken, type TokenCall } from '@longshore/messaging';
import { FrontSettings } from '@longshore/service-kit';
import { openDoor, type OpenDoor } from '@longshore/service-kit/testing';
import { eventually, exchange } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenController } from './token.controller.ts';

const calls: TokenCall[] = [];
const bus = new InProcessBus();
bus.serve(issueToken, async (call) => {
  calls.push(call);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"token":"t"}' };
});

let door: OpenDoor;
beforeAll(async () => {
  await bus.start();
  door = await openDoor({
    endpoints: [],
    controllers: [TokenController],
    providers: [{ provide: Bus, useValue: bus }],
    front: new FrontSettings({ headers: { 'x-configured': ['yes'] } }),
  });
});
afterAll(async () => {
  await door.close();
  await bus.close();
});

describe('/auth/token', () => {
  it('leaves an outcome for the access log and the metrics, and has an id and the configured headers', async () => {
    const answer = await exchange(door.origin, '/auth/token?service=registry');
    expect([answer.status, answer.json().token]).toEqual([200, 't']);
    expect(answer.headers).toMatchObject({
      'x-configured': 'yes',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-content-type-options': 'nosniff',
    });
    await eventually(() =>
      expect(door.outcomes.at(-1)).toMatchObject({ handler: '/auth/token', status: 200 }),
    );
    expect(calls.at(-1)).toMatchObject({ address: '127.0.0.1', parameters: [['service', 'registry']] });
  });

  it('takes a form, and says which methods there are', async () => {
    const posted = await exchange(door.origin, '/token', {
      method: 'POST',
      body: 'grant_type=password&scope=a&scope=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(posted.status).toBe(200);
    expect(calls.at(-1)).toMatchObject({
      parameters: [
        ['grant_type', 'password'],
        ['scope', 'a'],
        ['scope', 'b'],
      ],
    });
    const put = await exchange(door.origin, '/auth/token', { method: 'PUT' });
    expect([put.status, put.codes, put.headers['allow']]).toEqual([405, ['UNSUPPORTED'], 'GET, POST']);
  });
});
