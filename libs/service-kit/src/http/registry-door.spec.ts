import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { OciError } from '@longshore/oci';
import { connectTo, eventually, exchange, open, rawExchange } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Endpoint } from '../endpoints/endpoint.decorator.ts';
import { openDoor, type OpenDoor } from '../testing/open-door.ts';
import { ClientGone, type RegistryRequest } from './registry-request.ts';
import { bytes, empty, type Reply, stream } from './reply.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const tags = '/v2/team/app/tags/list';
const manifest = '/v2/team/app/manifests/latest';
const blob = `/v2/team/app/blobs/${digest}`;

/** Endpoints whose behaviour each test sets. */
class Endpoints {
  tagsAnswer: (request: RegistryRequest) => Promise<Reply> = async () => empty(200);
  blobAnswer: (request: RegistryRequest) => Promise<Reply> = async () => empty(200);

  @Endpoint('tags')
  tags(request: RegistryRequest): Promise<Reply> {
    return this.tagsAnswer(request);
  }

  @Endpoint('manifest-get')
  async manifest(): Promise<Reply> {
    return bytes(200, Buffer.from('{"exactly": "these bytes"}'), { 'content-type': 'application/x' });
  }

  @Endpoint('manifest-put')
  async refuse(): Promise<Reply> {
    throw new OciError('MANIFEST_INVALID', { reason: 'never read' });
  }

  @Endpoint('blob-get')
  blob(request: RegistryRequest): Promise<Reply> {
    return this.blobAnswer(request);
  }
}

const endpoints = new Endpoints();
let door: OpenDoor;
beforeAll(async () => {
  door = await openDoor({ endpoints: [endpoints] });
});
afterAll(() => door.close());

const lastOutcome = () => door.outcomes.at(-1);

describe('RegistryDoor, answers', () => {
  it('sends a body exactly as the handler gave it', async () => {
    const answer = await exchange(door.origin, manifest);
    expect(answer.body.toString()).toBe('{"exactly": "these bytes"}');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x',
      'docker-distribution-api-version': 'registry/2.0',
      'x-content-type-options': 'nosniff',
    });
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    const get = await exchange(door.origin, manifest);
    const raw = await rawExchange(door.origin, `HEAD ${manifest} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(raw.status).toBe(200);
    expect(raw.body).toBe('');
    expect(raw.head.toLowerCase()).toContain(`content-length: ${get.body.byteLength}`);
  });

  it('answers HEAD without reading a stream, and ends the stream', async () => {
    const body = new Readable({ read: () => undefined });
    endpoints.blobAnswer = async () => stream(200, body, { 'content-length': 7 });
    expect((await exchange(door.origin, blob, { method: 'HEAD' })).headers['content-length']).toBe('7');
    expect(body.destroyed).toBe(true);
  });

  it('names the request in the answer by a well-formed X-Request-Id only', async () => {
    const named = await exchange(door.origin, manifest, { headers: { 'x-request-id': 'abcdefgh-1234' } });
    expect(named.headers['x-request-id']).toBe('abcdefgh-1234');
    const forged = await exchange(door.origin, manifest, { headers: { 'x-request-id': 'a b\tc {}' } });
    expect(forged.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('RegistryDoor, refusals', () => {
  it('makes an OCI error document of a refusal, with its headers', async () => {
    endpoints.tagsAnswer = async () => {
      throw new OciError('UNAVAILABLE', undefined, { headers: { 'retry-after': '3' } });
    };
    const answer = await exchange(door.origin, tags);
    expect([answer.status, answer.codes, answer.headers['retry-after']]).toEqual([503, ['UNAVAILABLE'], '3']);
  });

  it('reveals nothing of a fault except the id under which it is logged', async () => {
    const fault = new Error('password=hunter2 in /etc/secrets');
    endpoints.tagsAnswer = () => Promise.reject(fault);
    const answer = await exchange(door.origin, tags);
    expect(answer.status).toBe(500);
    expect(answer.json().errors).toEqual([
      { code: 'UNKNOWN', message: 'unknown error', detail: { requestId: answer.headers['x-request-id'] } },
    ]);
    expect(answer.body.toString()).not.toContain('hunter2');
    expect(lastOutcome()?.fault).toBe(fault);
  });

  it('refuses a route that this process does not serve', async () => {
    const answer = await exchange(door.origin, '/v2/_catalog');
    expect([answer.status, answer.codes]).toEqual([404, ['NOT_FOUND']]);
  });

  it('refuses a path that no route has', async () => {
    const answer = await exchange(door.origin, '/v2/team/app/nothing/here');
    expect([answer.status, answer.codes]).toEqual([404, ['NOT_FOUND']]);
  });

  it('says which methods a route has', async () => {
    const answer = await exchange(door.origin, tags, { method: 'POST' });
    expect([answer.status, answer.codes]).toEqual([405, ['UNSUPPORTED']]);
    expect(answer.headers['allow']).toBe('GET, HEAD');
  });

  it.each(['/V2/team/app/tags/list', '/%76%32/team/app/tags/list', '//v2/team/app/tags/list'])(
    'lets no other spelling of /v2 pass it by: %s',
    async (path) => {
      const answer = await exchange(door.origin, path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.codes).toHaveLength(1);
    },
  );

  it.each([
    ['Authorization: Basic YTpi', 'UNAUTHORIZED'],
    ['Range: bytes=0-1', 'RANGE_INVALID'],
    ['Content-Range: 0-1', 'RANGE_INVALID'],
    ['Content-Type: text/plain', 'MANIFEST_INVALID'],
  ])('refuses a repeated %s', async (header, code) => {
    const head = `GET ${manifest} HTTP/1.1\r\nHost: x\r\n${header}\r\n${header}\r\n\r\n`;
    const answer = await rawExchange(door.origin, head);
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(code)]);
  });

  it('answers in an OCI error document what is not HTTP', async () => {
    const answer = await rawExchange(door.origin, 'GET /v2/ HTTP/1.1\r\nno colon\r\n\r\n');
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('UNSUPPORTED')]);
  });

  it('answers a head of 64 KiB with 431', async () => {
    const head = `GET /v2/ HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(65_536)}\r\n\r\n`;
    expect((await rawExchange(door.origin, head)).status).toBe(431);
  });
});

describe('RegistryDoor, bodies that nobody reads', () => {
  it('keeps the connection after it refused a small one', async () => {
    const socket = await connectTo(door.origin);
    const one = `PUT ${manifest} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`;
    const two = `GET ${manifest} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    socket.write(one + two);
    const text = Buffer.concat(await socket.toArray()).toString();
    expect(text).toMatch(/^HTTP\/1\.1 400[^]*HTTP\/1\.1 200/);
  });

  it('lets a client that sends 64 MiB read the refusal before the connection ends', async () => {
    const megabyte = Buffer.alloc(1024 * 1024);
    const body = Readable.from(
      (function* () {
        for (let sent = 0; sent < 64; sent++) yield megabyte;
      })(),
    );
    const answer = await exchange(door.origin, manifest, {
      method: 'PUT',
      body,
      headers: { 'content-length': 64 * megabyte.byteLength },
    });
    expect([answer.status, answer.codes]).toEqual([400, ['MANIFEST_INVALID']]);
    expect(answer.headers['connection']).toBe('close');
  });

  it('reaches a client that reads the answer only after it has sent everything', async () => {
    const socket = await connectTo(door.origin);
    socket.on('error', () => undefined);
    const body = Buffer.alloc(16 * 1024 * 1024);
    socket.write(`PUT ${manifest} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.byteLength}\r\n\r\n`);
    await new Promise<void>((resolve, reject) => {
      socket.write(body, (error) => (error ? reject(error) : resolve()));
    });
    expect(Buffer.concat(await socket.toArray()).toString()).toMatch(/^HTTP\/1\.1 400/);
  });

  it('stops reading a body without an end', async () => {
    const socket = await connectTo(door.origin);
    socket.on('error', () => undefined);
    socket.write(`PUT ${manifest} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const sending = setInterval(() => socket.write('5\r\nhello\r\n'), 20);
    const began = performance.now();
    socket.resume();
    await once(socket, 'close');
    clearInterval(sending);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('RegistryDoor, answers that break off', () => {
  it('cuts the connection when a stream fails: no error document behind half a blob', async () => {
    endpoints.blobAnswer = async () =>
      stream(200, Readable.from(halfThenFail()), { 'content-length': 1_000_000 });
    const message = await open(door.origin, blob);
    const received: Buffer[] = [];
    const reading = (async () => {
      for await (const chunk of message) received.push(chunk);
    })();
    await expect(reading).rejects.toThrow('aborted');
    expect(Buffer.concat(received).toString()).toBe('half');
    await eventually(() =>
      expect(lastOutcome()).toMatchObject({ status: 499, fault: new Error('the disk is gone') }),
    );
  });

  it('tells the handler that its client has gone', async () => {
    let reason: unknown;
    endpoints.tagsAnswer = async ({ signal }) => {
      await once(signal, 'abort');
      reason = signal.reason;
      return empty(200);
    };
    const abort = new AbortController();
    const asking = exchange(door.origin, tags, { signal: abort.signal });
    await sleep(50);
    abort.abort();
    await expect(asking).rejects.toThrow('aborted');
    await eventually(() => expect(reason).toBeInstanceOf(ClientGone));
    await eventually(() => expect(lastOutcome()).toMatchObject({ status: 499 }));
  });

  it('frees the stream of a client that goes away in the middle', async () => {
    const body = new Readable({ read: () => undefined });
    body.push(Buffer.alloc(1000));
    endpoints.blobAnswer = async () => stream(200, body, { 'content-length': 2000 });
    const message = await open(door.origin, blob);
    message.on('error', () => undefined);
    message.destroy();
    await eventually(() => expect(body.destroyed).toBe(true));
    await eventually(() => expect(lastOutcome()).toMatchObject({ status: 499 }));
  });
});

async function* halfThenFail(): AsyncGenerator<Buffer> {
  yield Buffer.from('half');
  await sleep(20);
  throw new Error('the disk is gone');
}
