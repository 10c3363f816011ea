import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type RequestListener, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from './fault.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

let store: Server;
let proxy: FaultProxy;

/** Starts a store that runs the listener, behind a proxy. */
async function behindProxy(listener: RequestListener, fault?: Fault): Promise<void> {
  store = createServer(listener).listen(0, '127.0.0.1');
  await once(store, 'listening');
  const address = store.address();
  if (typeof address !== 'object' || address === null) throw new Error('the store has no port');
  proxy = await startFaultProxy(`http://127.0.0.1:${address.port}`);
  proxy.fault = () => fault;
}
afterEach(async () => {
  await proxy.stop();
  store.closeAllConnections();
  store.close();
});

const echo: RequestListener = (incoming, outgoing) => {
  const answer = (body: string) =>
    outgoing.writeHead(200, { 'content-length': Buffer.byteLength(body) }).end(body);
  // A request that breaks off is not answered.
  void text(incoming).then(answer, () => undefined);
};

async function send(body = '', headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
  const outgoing = request(proxy.origin, { method: 'PUT', headers });
  outgoing.end(body);
  const [answer]: IncomingMessage[] = await once(outgoing, 'response');
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

const silentMs = 300;
const whether = async (answer: Promise<unknown>): Promise<string> =>
  Promise.race([answer.then(() => 'answered'), sleep(silentMs, 'silent')]);

describe('startFaultProxy', () => {
  it('passes requests without a fault through', async () => {
    await behindProxy(echo);
    expect(await text(await send('bytes'))).toBe('bytes');
    expect(proxy.requests).toMatchObject([{ method: 'PUT', url: '/' }]);
  });

  it('sends 100 (Continue) when the store does', async () => {
    await behindProxy(echo);
    const outgoing = request(proxy.origin, { method: 'PUT', headers: { expect: '100-continue' } });
    outgoing.flushHeaders();
    await once(outgoing, 'continue');
    outgoing.end('bytes');
    const [answer]: IncomingMessage[] = await once(outgoing, 'response');
    expect(answer === undefined ? '' : await text(answer)).toBe('bytes');
  });

  it('passes on the refusal of a store that does not continue', async () => {
    await behindProxy(echo);
    store.on('checkContinue', (_, outgoing) => outgoing.writeHead(403).end());
    const outgoing = request(proxy.origin, { method: 'PUT', headers: { expect: '100-continue' } });
    outgoing.on('continue', () => outgoing.end('bytes'));
    outgoing.flushHeaders();
    const [answer]: IncomingMessage[] = await once(outgoing, 'response');
    expect(answer?.statusCode).toBe(403);
    outgoing.destroy();
  });

  it('passes on an answer that comes before the end of the request', async () => {
    await behindProxy((_, outgoing) => outgoing.writeHead(503, { connection: 'close' }).end('busy'));
    const outgoing = request(proxy.origin, { method: 'PUT' });
    outgoing.on('error', () => undefined);
    outgoing.write('first');
    const [answer]: IncomingMessage[] = await once(outgoing, 'response');
    expect(answer === undefined ? '' : await text(answer)).toBe('busy');
    outgoing.destroy();
  });

  it.each([true, undefined])('answers instead of the store, early: %s', async (early) => {
    await behindProxy(echo, { kind: 'answer', status: 503, body: 'slow down', ...(early && { early }) });
    const answer = await send('bytes');
    expect(answer.statusCode).toBe(503);
    expect(await text(answer)).toBe('slow down');
  });

  it('is silent', async () => {
    await behindProxy(echo, { kind: 'silence' });
    const answer = send('bytes');
    answer.catch(() => undefined);
    expect(await whether(answer)).toBe('silent');
  });

  it('stalls a request midway, and leaves a short one alone', async () => {
    await behindProxy(echo, { kind: 'stallRequest', after: 5 });
    const answer = send('bytes and more');
    answer.catch(() => undefined);
    expect(await whether(answer)).toBe('silent');
    expect(await text(await send('bytes'))).toBe('bytes');
  });

  it('shortens an answer, which looks complete', async () => {
    await behindProxy(echo, { kind: 'shortenAnswer', after: 5 });
    const answer = await send('bytes and more');
    expect(answer.headers['content-length']).toBe('5');
    expect((await buffer(answer)).toString()).toBe('bytes');
    expect(answer.complete).toBe(true);
  });

  it.each([
    ['authorization', 'AWS4-HMAC-SHA256 Credential=a/b, Signature=0123456789abcdef'],
    ['authorization', 'SharedKey account:c2lnbmF0dXJlIG9mIHRoaXM='],
    ['x-auth-token', 'AUTH_tk0123456789abcdef'],
  ])('forges %s: %s', async (header, value) => {
    await behindProxy((incoming, outgoing) => outgoing.end(incoming.headers[header]), {
      kind: 'forgeCredentials',
    });
    const seen = await text(await send('', { [header]: value, 'x-other': 'as it is' }));
    expect(seen).toHaveLength(value.length);
    expect(seen).not.toBe(value);
    expect(seen.slice(0, -5)).toBe(value.slice(0, -5));
  });
});
