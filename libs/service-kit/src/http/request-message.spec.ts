import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { connectTo, eventually, exchange, portOf, rawExchange, selfSigned } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertifiedClients } from '../bootstrap/certified-clients.ts';
import { createHttpServer } from '../bootstrap/http-server.ts';
import { Endpoint } from '../endpoints/endpoint.decorator.ts';
import { openDoor, type OpenDoor } from '../testing/open-door.ts';
import type { RegistryRequest } from './registry-request.ts';
import { json, type Reply, stream } from './reply.ts';

const blob = `/v2/team/app/blobs/sha256:${'a'.repeat(64)}`;

class Endpoints {
  /** The paths that reached a handler, oldest first. */
  readonly seen: string[] = [];
  /** The body of the blob that is being sent. */
  body: PassThrough | undefined;

  @Endpoint('base')
  async base({ url, client }: RegistryRequest): Promise<Reply> {
    this.seen.push(url);
    return json({ host: client.host });
  }

  @Endpoint('upload-start')
  async start({ url, body }: RegistryRequest): Promise<Reply> {
    this.seen.push(url);
    for await (const _ of body) void _;
    return json({});
  }

  @Endpoint('blob-get')
  async blob(): Promise<Reply> {
    this.body = new PassThrough();
    return stream(200, this.body, { 'content-length': 8 });
  }
}

const endpoints = new Endpoints();
let door: OpenDoor;
beforeAll(async () => {
  door = await openDoor({ endpoints: [endpoints] });
});
afterAll(() => door.close());

const ask = (bytes: string) => rawExchange(door.origin, Buffer.from(bytes, 'latin1'));

describe('request targets', () => {
  it.each(['http://Other.example:8080/v2/', 'HTTPS://Other.example:8080/v2/'])(
    'takes %s for the path, and its authority before any Host (RFC 9112 §3.2.2)',
    async (target) => {
      const answer = await ask(`GET ${target} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n`);
      expect([answer.status, answer.body]).toEqual([200, '{"host":"Other.example:8080"}']);
      expect(endpoints.seen.at(-1)).toBe('/v2/');
    },
  );

  it('takes a URL without a path for /', async () => {
    const answer = await ask('GET http://registry HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n');
    expect(answer.status).toBe(200);
  });

  it.each(['http://user@registry/v2/', 'http://a b/v2/', 'ftp://registry/v2/', '*'])(
    'refuses %s',
    async (target) => {
      const answer = await ask(`GET ${target} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n`);
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('"errors"')]);
    },
  );

  it('refuses CONNECT in its own words', async () => {
    const answer = await ask('CONNECT registry:443 HTTP/1.1\r\nHost: registry:443\r\n\r\n');
    expect([answer.status, answer.body]).toEqual([405, expect.stringContaining('UNSUPPORTED')]);
  });
});

describe('Host', () => {
  it.each(['registry', 'registry.example:5000', '10.0.0.1', '[::1]:5000', 'blob_service:80'])(
    'takes "%s"',
    async (host) => {
      const answer = await ask(`GET /v2/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect([answer.status, answer.body]).toEqual([200, JSON.stringify({ host })]);
    },
  );

  it('may be empty, and then is the address that was connected to', async () => {
    const answer = await ask('GET /v2/ HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n');
    expect([answer.status, answer.body]).toEqual([200, JSON.stringify({ host: new URL(door.origin).host })]);
  });

  it.each(['a/b', 'a b', 'user@a', 'a,b', '::1', 'a:port', 'a:1:2', '"a"', 'r\xe9gistry', '[::1', ':5000'])(
    'refuses "%s", at every path',
    async (host) => {
      for (const path of ['/v2/', '/', '/nowhere']) {
        const answer = await ask(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('UNSUPPORTED')]);
      }
    },
  );

  it('is required in HTTP/1.1 and not in HTTP/1.0', async () => {
    const missing = await ask('GET /v2/ HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect([missing.status, missing.body]).toEqual([400, expect.stringContaining('"header":"host"')]);
    expect((await ask('GET /v2/ HTTP/1.0\r\n\r\n')).status).toBe(200);
  });

  it('may not come twice, at every path', async () => {
    const answer = await ask('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n');
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('repeated')]);
  });
});

describe('versions and framing', () => {
  it.each(['GET /v2/\r\n\r\n', 'GET /v2/ HTTP/0.9\r\n\r\n', 'GET /v2/ HTTP/2.0\r\nHost: a\r\n\r\n'])(
    'refuses %j',
    async (bytes) => {
      const before = endpoints.seen.length;
      const answer = await ask(bytes);
      expect([answer.status, answer.body]).toEqual([505, expect.stringContaining('UNSUPPORTED')]);
      expect(endpoints.seen).toHaveLength(before);
    },
  );

  it('ends the connection behind Transfer-Encoding in HTTP/1.0, and handles nothing that follows (RFC 9112 §6.1)', async () => {
    const before = endpoints.seen.length;
    const answer = await ask(
      'POST /v2/team/app/blobs/uploads/ HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n' +
        'GET /v2/ HTTP/1.1\r\nHost: smuggled\r\n\r\n',
    );
    expect(answer.status).toBe(200);
    expect(answer.head.toLowerCase()).toContain('connection: close');
    expect(endpoints.seen.slice(before)).toEqual(['/v2/team/app/blobs/uploads/']);
  });

  it('refuses an expectation that it does not know, with a document', async () => {
    const answer = await ask('GET /v2/ HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nConnection: close\r\n\r\n');
    expect([answer.status, answer.body]).toEqual([417, expect.stringContaining('UNSUPPORTED')]);
  });

  it('sends an answer whole when bytes that cannot be read follow its request', async () => {
    const socket = await connectTo(door.origin);
    const before = door.outcomes.length;
    socket.write(`GET ${blob} HTTP/1.1\r\nHost: a\r\n\r\nthis is no request\r\n\r\n`);
    const body = await eventually(() => {
      expect(endpoints.body).toBeDefined();
      return endpoints.body;
    });
    body?.write('half');
    const [head] = await once(socket, 'data');
    body?.end('half');
    const text = `${String(head)}${Buffer.concat(await socket.toArray()).toString()}`;
    expect(text).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\nhalfhalf$/);
    await eventually(() => expect(door.outcomes.slice(before)).toMatchObject([{ status: 200 }]));
  });
});

describe('plain HTTP on a TLS port', () => {
  const home = mkdtempSync(join(tmpdir(), 'longshore-tls-'));
  const { certificate, key } = selfSigned(home, 'localhost');
  const options = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server = createHttpServer((_request, response) => response.end(), {
    options,
    read: () => Promise.resolve(options),
    clients: new CertifiedClients(() => true, undefined),
  });
  afterAll(() => {
    server.close();
    rmSync(home, { recursive: true });
  });

  it('is told that the port speaks TLS', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const answer = await exchange(`http://127.0.0.1:${portOf(server.address())}`, '/v2/');
    expect([answer.status, answer.codes]).toEqual([400, ['UNSUPPORTED']]);
    expect(answer.body.toString()).toContain('https://');
  });

  it('gets no answer for bytes that are neither', async () => {
    const socket = connect(portOf(server.address()), '127.0.0.1');
    socket.end('\x00\x01\x02\x03\x04\x05\x06\x07');
    expect(Buffer.concat(await socket.toArray()).toString('latin1')).not.toContain('HTTP');
  });
});
