import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfiguration } from '@longshore/configuration';
import {
  Endpoint,
  FrontSettings,
  json,
  type RegistryRequest,
  type Reply,
  ServiceLog,
} from '@longshore/service-kit';
import { openDoor, type OpenDoor } from '@longshore/service-kit/testing';
import { createLogger } from '@longshore/telemetry';
import { connectTo, eventually, exchange, open } from '@longshore/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewaySettings } from '../gateway-settings.ts';
import { BlobProxyEndpoints } from './blob-proxy.endpoints.ts';
import { ReplicaPulse } from './replica-pulse.ts';
import { Upstreams } from './upstreams.ts';

const blob = `/v2/team/app/blobs/sha256:${'a'.repeat(64)}`;
const upload = '/v2/team/app/blobs/uploads/6f1a2a3e-0f6c-4f0e-9a3c-3f2b8f0f8e11';
const megabyte = 1024 * 1024;
const settings = new GatewaySettings(
  loadConfiguration({
    environment: { REGISTRY_STORAGE_INMEMORY: '{}', REGISTRY_SERVICES_SECRET: 'a secret of the services' },
  }),
);

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((clean) => clean()));
});

/** Starts a blob-service that behaves as the test says. @returns its origin */
async function upstream(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

/** Returns an origin without a listener. */
async function nobody(): Promise<string> {
  const origin = await upstream(() => undefined);
  await cleanups.pop()?.();
  return origin;
}

/** Short times instead of seconds. */
const impatient = { suspicion: 100, pulse: 300, end: 2_000 };

function gateway(...origins: readonly string[]): Promise<OpenDoor> {
  return gatewayBehind(new FrontSettings(), origins);
}

async function gatewayBehind(front: FrontSettings, origins: readonly string[]): Promise<OpenDoor> {
  const upstreams = new Upstreams(origins, impatient);
  const pulse = new ReplicaPulse(upstreams, new ServiceLog(createLogger({ level: 'silent' })), settings);
  const proxy = new BlobProxyEndpoints(upstreams, pulse, settings);
  cleanups.push(() => pulse.onApplicationShutdown());
  const door = await openDoor({ endpoints: [proxy], front });
  cleanups.push(() => door.close());
  return door;
}

const echo: RequestListener = (request, response) => {
  void buffer(request).then((body) => response.writeHead(201, { 'x-length': body.byteLength }).end());
};

describe('BlobProxyEndpoints', () => {
  it('forwards path, query, headers and identity, and the answer unchanged', async () => {
    const seen: { url?: string | undefined; headers?: Record<string, unknown> } = {};
    const origin = await upstream((request, response) => {
      Object.assign(seen, { url: request.url, headers: request.headers });
      response.writeHead(416, {
        'content-range': 'bytes */7',
        'content-length': 3,
        connection: 'x-gone',
        'x-gone': '1',
      });
      response.end('no\n');
    });
    const { origin: door } = await gateway(origin);
    const answer = await exchange(door, `${blob}?a=b%2Fc`, {
      headers: { range: 'bytes=9-', 'x-forwarded-for': '1.2.3.4', host: 'registry.example' },
    });
    expect([answer.status, answer.body.toString(), answer.headers['content-range']]).toEqual([
      416,
      'no\n',
      'bytes */7',
    ]);
    expect(seen.url).toBe(`${blob}?a=b%2Fc`);
    expect(seen.headers).toMatchObject({
      range: 'bytes=9-',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'registry.example',
      'x-request-id': answer.headers['x-request-id'],
    });
  });

  it('streams an answer: the first bytes arrive before the last are made', async () => {
    let answering: ServerResponse | undefined;
    const origin = await upstream((_, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('first');
      answering = response;
    });
    const { origin: door } = await gateway(origin);
    const message = await open(door, blob);
    const [first] = await once(message, 'data');
    expect(String(first)).toBe('first');
    answering?.end('-last');
    expect((await buffer(message)).toString()).toBe('-last');
  });

  it('streams a body: its first bytes arrive before the client has made the last', async () => {
    let arrived = 0;
    const origin = await upstream((request, response) => {
      request.on('data', (chunk: Buffer) => void (arrived += chunk.byteLength));
      request.on('end', () => response.writeHead(202).end());
    });
    const { origin: door } = await gateway(origin);
    const body = new Readable({ read: () => undefined });
    body.push('first');
    const asking = exchange(door, upload, { method: 'PATCH', body });
    await eventually(() => expect(arrived).toBe(5));
    body.push('-last');
    body.push(null);
    expect((await asking).status).toBe(202);
    expect(arrived).toBe(10);
  });

  it('carries 64 MiB whole', async () => {
    const { origin: door } = await gateway(await upstream(echo));
    const body = Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(megabyte)));
    const answer = await exchange(door, upload, { method: 'PATCH', body });
    expect([answer.status, answer.headers['x-length']]).toEqual([201, String(64 * megabyte)]);
  });

  it('answers HEAD, again and again', async () => {
    const origin = await upstream((_, response) =>
      response.writeHead(200, { 'content-length': 12_345 }).end(),
    );
    const { origin: door } = await gateway(origin);
    for (let time = 0; time < 3; time++) {
      const answer = await exchange(door, blob, { method: 'HEAD' });
      expect([answer.status, answer.headers['content-length']]).toEqual([200, '12345']);
    }
  });

  it('tries the next replica when one does not listen, and sends the whole body there', async () => {
    const origin = await upstream(echo);
    const dead = await nobody();
    for (let time = 0; time < 2; time++) {
      // Starts a new gateway each time, so that it remembers nothing.
      const { origin: door } = await gateway(dead, origin);
      const answer = await exchange(door, upload, { method: 'PATCH', body: Buffer.alloc(3 * megabyte) });
      expect([answer.status, answer.headers['x-length']]).toEqual([201, String(3 * megabyte)]);
    }
  });

  it('answers 503 with Retry-After when no replica is left', async () => {
    const { origin: door } = await gateway(await nobody(), await nobody());
    for (const method of ['GET', 'PATCH']) {
      const answer = await exchange(door, method === 'GET' ? blob : upload, {
        method,
        body: 'x'.repeat(100),
      });
      expect([answer.status, answer.codes, answer.headers['retry-after']]).toEqual([
        503,
        ['UNAVAILABLE'],
        '1',
      ]);
    }
  });

  it('sends no body twice: a replica that dies in the middle of it is answered with 503', async () => {
    let others = 0;
    const dying = await upstream((request) => void request.once('data', () => request.socket.destroy()));
    const other = await upstream((request, response) => {
      others += 1;
      echo(request, response);
    });
    const { origin: door } = await gateway(dying, other);
    const answer = await exchange(door, upload, { method: 'PATCH', body: Buffer.alloc(8 * megabyte) });
    expect([answer.status, answer.codes]).toEqual([503, ['UNAVAILABLE']]);
    expect(others).toBe(0);
  });

  it('passes on a refusal that comes while the body is still on its way', async () => {
    const origin = await upstream((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"', connection: 'close' }).end();
    });
    const { origin: door } = await gateway(origin);
    const body = Readable.from(slowly(20));
    const answer = await exchange(door, upload, { method: 'PATCH', body });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Basic realm="x"']);
  });

  it('has the connections to both sides free after a refusal that came in the middle of a body', async () => {
    const origin = await upstream((request, response) => {
      if (request.method === 'GET') response.writeHead(200, { 'content-length': 2 }).end('ok');
      else request.once('data', () => response.writeHead(416, { 'content-length': 0 }).end());
    });
    const { origin: door } = await gateway(origin);
    const socket = await connectTo(door);
    try {
      socket.write(`PATCH ${upload} HTTP/1.1\r\nHost: x\r\nContent-Length: ${megabyte}\r\n\r\n`);
      socket.write(Buffer.alloc(megabyte / 2));
      const [refusal] = await once(socket, 'data');
      expect(String(refusal)).toMatch(/^HTTP\/1.1 416 /);
      socket.write(Buffer.alloc(megabyte / 2));
      socket.write(`GET ${blob} HTTP/1.1\r\nHost: x\r\n\r\n`);
      const [next] = await once(socket, 'data', { signal: AbortSignal.timeout(5_000) });
      expect(String(next)).toMatch(/^HTTP\/1.1 200 /);
    } finally {
      socket.destroy();
    }
  });

  it('cuts the answer of a replica that dies in the middle of it', async () => {
    const origin = await upstream((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const { origin: door } = await gateway(origin);
    await expect(exchange(door, blob)).rejects.toThrow('aborted');
  });

  it('releases a replica whose client has gone, while it waits and while it sends', async () => {
    let gone = 0;
    const origin = await upstream((request, response) => {
      response.once('close', () => void (gone += 1));
      if (request.method === 'GET') response.writeHead(200, { 'content-length': 100 }).write('half');
    });
    const { origin: door, outcomes } = await gateway(origin);
    const message = await open(door, blob);
    message.on('error', () => undefined);
    message.destroy();
    const asking = exchange(door, upload, { method: 'PATCH', body: 'x', signal: AbortSignal.timeout(100) });
    await expect(asking).rejects.toThrow('abort');
    await eventually(() => expect(gone).toBe(2));
    await eventually(() => expect(outcomes.map(({ status }) => status)).toEqual([499, 499]));
  });
});

/** Starts a replica that accepts connections and requests, and answers none while it hangs, like a stopped process. */
async function hanging(): Promise<{ origin: string; readonly asked: readonly string[]; wake: () => void }> {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  let hangs = true;
  const origin = await upstream((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const answer = (): void => void response.writeHead(200, { 'content-length': 0 }).end();
    if (hangs) waiting.push(answer);
    else answer();
  });
  const wake = (): void => {
    hangs = false;
    for (const answer of waiting.splice(0)) answer();
  };
  return { origin, asked, wake };
}

const ok: RequestListener = (_, response) => response.writeHead(200, { 'content-length': 0 }).end();
const blobRequests = (asked: readonly string[]): number =>
  asked.filter((one) => one.includes('/blobs/')).length;

describe('BlobProxyEndpoints and a replica that hangs', () => {
  it('asks another one, takes the first out, and returns it when it answers again', async () => {
    const sick = await hanging();
    const { origin: door } = await gateway(sick.origin, await upstream(ok));
    const answers = await Promise.all(Array.from({ length: 12 }, () => exchange(door, blob)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    const before = blobRequests(sick.asked);
    expect(before).toBe(6);
    for (const _ of answers) expect((await exchange(door, blob)).status).toBe(200);
    expect(blobRequests(sick.asked)).toBe(before);
    sick.wake();
    await eventually(async () => {
      await exchange(door, blob);
      expect(blobRequests(sick.asked)).toBeGreaterThan(before);
    });
  });

  it('ends a push whose body it took with 503, and sends it nowhere else', async () => {
    const sick = await hanging();
    let others = 0;
    const other = await upstream((request, response) => {
      if (request.method === 'PATCH') others += 1;
      ok(request, response);
    });
    const { origin: door } = await gateway(sick.origin, other);
    const answer = await exchange(door, upload, { method: 'PATCH', body: Buffer.alloc(8 * megabyte) });
    expect([answer.status, answer.codes, answer.headers['retry-after']]).toEqual([503, ['UNAVAILABLE'], '1']);
    expect(others).toBe(0);
  });

  it('answers 503 when there is no other', async () => {
    const { origin: door } = await gateway((await hanging()).origin);
    expect((await exchange(door, blob)).status).toBe(503);
    expect((await exchange(door, blob)).status).toBe(503);
  });

  it('waits for one that works for long and answers what costs nothing', async () => {
    let moved = 0;
    const busy = await upstream((request, response) => {
      if (request.url === '/v2/') ok(request, response);
      else setTimeout(() => ok(request, response), 10 * impatient.pulse);
    });
    const other = await upstream(() => void (moved += 1));
    const { origin: door } = await gateway(busy, other);
    expect((await exchange(door, blob)).status).toBe(200);
    expect(moved).toBe(0);
  });

  it('does not suspect one whose client is slow to send', async () => {
    const asked: string[] = [];
    const origin = await upstream((request, response) => {
      asked.push(request.url ?? '');
      echo(request, response);
    });
    const { origin: door } = await gateway(origin);
    const answer = await exchange(door, upload, { method: 'PATCH', body: Readable.from(slowly(60)) });
    expect([answer.status, answer.headers['x-length']]).toEqual([201, '60000']);
    expect(asked).toEqual([upload]);
  });
});

async function* slowly(chunks: number): AsyncGenerator<Buffer> {
  for (let chunk = 0; chunk < chunks; chunk++) {
    yield Buffer.alloc(1000);
    await sleep(10);
  }
}

/** Answers with the client that it identifies. */
class Told {
  @Endpoint('blob-get')
  async get({ client }: RegistryRequest): Promise<Reply> {
    return json(client);
  }
}

describe('blob-service behind the gateway', () => {
  it('knows the client as the gateway does, without a list of addresses', async () => {
    const blobService = await openDoor({
      endpoints: [new Told()],
      front: new FrontSettings({ seal: settings.seal }),
    });
    cleanups.push(() => blobService.close());
    const behindProxy = new FrontSettings({ trustedProxies: ['127.0.0.1'] });
    const door = await gatewayBehind(behindProxy, [blobService.origin]);
    const headers = {
      host: 'registry.example',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-request-id': 'request-1',
      'user-agent': 'probe/1',
      'longshore-client': 'forged',
    };
    const told: unknown = (await exchange(door.origin, blob, { headers })).json();
    expect(told).toEqual({
      requestId: 'request-1',
      address: '203.0.113.9',
      host: 'registry.example',
      scheme: 'https',
      userAgent: 'probe/1',
      baseUrl: 'https://registry.example',
      locationBase: 'https://registry.example',
      isForwarded: true,
    });
  });
});
