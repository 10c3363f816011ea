import { Bus, InProcessBus, issueToken, type TokenCall } from '@longshore/messaging';
import { FrontSettings } from '@longshore/service-kit';
import { openDoor, type OpenDoor } from '@longshore/service-kit/testing';
import { connectTo, eventually, exchange } from '@longshore/testing';
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

  it.each([
    ['application/json', '{"grant_type":"password"}', 415],
    ['application/json', '{', 415],
    ['application/json', '', 415],
    ['text/plain', 'grant_type=password', 415],
    ['application/x-www-form-urlencodedness', 'a=b', 415],
    ['multipart/form-data; boundary=x', '--x--', 415],
    [undefined, 'grant_type=password', 415],
    ['APPLICATION/x-www-form-urlencoded ; charset=utf-8', 'a=b', 200],
    ['application/x-www-form-urlencoded', '', 200],
    ['application/x-www-form-urlencoded', '%ff%=&&=\u0000', 200],
    ['application/x-www-form-urlencoded', 'a'.repeat(65_536), 200],
    ['application/x-www-form-urlencoded', 'a'.repeat(65_537), 413],
  ])('answers a body of %s %.30o with the status that it deserves', async (type, body, status) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const answer = await exchange(door.origin, '/auth/token', { method: 'POST', body, headers });
    expect(answer.status).toBe(status);
    expect(answer.codes).toHaveLength(status === 200 ? 0 : 1);
  });

  it.each(['application/json', 'application/x-www-form-urlencoded'])(
    'waits for no body of %s that trickles for ever',
    async (type) => {
      expect(await trickle(type)).toMatch(
        type === 'application/json' ? /^HTTP\/1.1 415 / : /^HTTP\/1.1 408 /,
      );
    },
    30_000,
  );
});

/** Sends one byte of a body at a time until the server closes the connection. */
async function trickle(type: string): Promise<string> {
  const socket = await connectTo(door.origin);
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk))).on('error', () => undefined);
  socket.write(
    `POST /auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 60000\r\n\r\n`,
  );
  const drip = setInterval(() => socket.write('a'), 100);
  // The server may reset the connection, which `once` would report as a failure.
  await new Promise((resolve) => void socket.once('close', resolve));
  clearInterval(drip);
  return answer;
}
