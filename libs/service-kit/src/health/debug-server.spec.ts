import type { Server } from 'node:http';
import { createLogger } from '@longshore/telemetry';
import { eventually, exchange, portOf, rawExchange } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDebugServer } from './debug-server.ts';
import { Readiness } from './readiness.ts';

const lines: Record<string, unknown>[] = [];
const log = createLogger({}, { write: (line) => void lines.push(JSON.parse(line)) });
let render: () => Promise<string> = () => Promise.resolve('# EOF\n');
let server: Server;
let origin = '';

beforeAll(async () => {
  const exposition = { path: '/metrics', contentType: 'text/plain; version=0.0.4', render: () => render() };
  server = await startDebugServer({ addr: '127.0.0.1:0', readiness: new Readiness(), exposition, log });
  origin = `http://127.0.0.1:${portOf(server.address())}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('the debug listener', () => {
  it.each(['/health/live', '/health/ready', '/health/ready/push', '/metrics', '/metrics?name=x'])(
    'answers GET and HEAD of %s, with an id',
    async (path) => {
      const headers = { 'x-request-id': 'abcdefgh-1234' };
      for (const method of ['GET', 'HEAD']) {
        const answer = await exchange(origin, path, { method, headers });
        expect([answer.status, answer.body.length > 0]).toEqual([200, method === 'GET']);
        expect(answer.headers).toMatchObject({ ...headers, 'x-content-type-options': 'nosniff' });
      }
    },
  );

  it('refuses another path and another method with an error document', async () => {
    const nowhere = await exchange(origin, '/debug/vars');
    expect([nowhere.status, nowhere.json()]).toMatchObject([404, { errors: [{ code: 'NOT_FOUND' }] }]);
    const post = await exchange(origin, '/metrics', { method: 'POST' });
    expect([post.status, post.headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it('says what is no HTTP with an error document', async () => {
    const answer = await rawExchange(origin, 'nonsense\r\n\r\n');
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      400,
      { errors: [{ code: 'UNSUPPORTED' }] },
    ]);
  });

  it('shows nothing of a fault, and logs it with its cause', async () => {
    render = () => Promise.reject(new Error('a collector of ours failed'));
    const answer = await exchange(origin, '/metrics');
    expect([answer.status, answer.json()]).toMatchObject([500, { errors: [{ code: 'UNKNOWN' }] }]);
    expect(answer.body.toString()).not.toContain('collector');
    await eventually(() =>
      expect(lines).toMatchObject([
        { level: 'error', route: '/metrics', err: { message: 'a collector of ours failed' } },
      ]),
    );
  });
});
