import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo, digestOf, rawExchange, tinyImage, uniqueRepository } from '@longshore/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { client, doorOrigin, target } from '../support/target.ts';

const name = uniqueRepository('framing');
const image = tinyImage({ content: name });
let door = '';

beforeAll(async () => {
  door = await doorOrigin();
  await client.pushImage(name, image, 'latest');
});

// After any request the registry serves the next client.
afterEach(async () => {
  expectStatus(await client.get('/v2/'), 200);
});

function get(path: string, last = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: registry\r\n${last}\r\n`;
}

const close = 'Host: registry\r\nConnection: close\r\n';

describe('broken HTTP', () => {
  const requests: Readonly<Record<string, string>> = {
    'is not HTTP at all': 'hello\r\n\r\n',
    'is TLS': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'has no Host': 'GET /v2/ HTTP/1.1\r\nConnection: close\r\n\r\n',
    'has two Hosts': `GET /v2/ HTTP/1.1\r\nHost: other\r\n${close}\r\n`,
    'has a method with a space': `GE T /v2/ HTTP/1.1\r\n${close}\r\n`,
    'has an unknown method': `BREW /v2/ HTTP/1.1\r\n${close}\r\n`,
    'has an unknown version': `GET /v2/ HTTP/9.9\r\n${close}\r\n`,
    'has a space before the colon': `GET /v2/ HTTP/1.1\r\nX-Space : 1\r\n${close}\r\n`,
    'has a folded header': `GET /v2/ HTTP/1.1\r\nX-Fold: 1\r\n 2\r\n${close}\r\n`,
    'has a bare line feed in a header': `GET /v2/ HTTP/1.1\r\nX-Bare: a\nTransfer-Encoding: chunked\r\n${close}\r\n`,
    'has a zero byte in a header': `GET /v2/ HTTP/1.1\r\nX-Zero: a\0b\r\n${close}\r\n`,
    'has a negative length': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nContent-Length: -1\r\n${close}\r\n`,
    'has a length with a plus': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nContent-Length: +1\r\n${close}\r\nx`,
    'has a length in hexadecimal': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nContent-Length: 0x1\r\n${close}\r\nx`,
    'has two lengths': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${close}\r\nxx`,
    'has a length and chunks': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n${close}\r\n0\r\n\r\n`,
    'has chunks that are not last': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n${close}\r\n0\r\n\r\n`,
    'has chunks twice': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n${close}\r\n0\r\n\r\n`,
    'has a disguised encoding': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n${close}\r\n0\r\n\r\n`,
    'has a chunk size that is none': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${close}\r\nzz\r\nx\r\n0\r\n\r\n`,
    'has an enormous chunk size': `PUT /v2/${name}/manifests/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${close}\r\nffffffffffffffffff\r\nx\r\n0\r\n\r\n`,
  };

  for (const [what, bytes] of Object.entries(requests)) {
    it(`that ${what} is refused or dropped`, async () => {
      const { status, body } = await rawExchange(door, Buffer.from(bytes, 'latin1'));
      expect([0, 400, 405, 411, 413, 415, 501, 505], `${status} ${body}`).toContain(status);
      expect(body).not.toMatch(/<html|\bat .*\.js:/i);
    });
  }
});

describe('headers that come twice', () => {
  it.each([
    ['Authorization', 'Basic YTpi', 'Bearer x'],
    ['Content-Range', '0-0', '1-1'],
    ['Content-Type', image.mediaType, 'text/plain'],
    ['Range', 'bytes=0-0', 'bytes=1-1'],
  ])('%s is refused', async (header, one, other) => {
    const { status, body } = await rawExchange(
      door,
      `PUT /v2/${name}/manifests/twice HTTP/1.1\r\n${header}: ${one}\r\n${header}: ${other}\r\nContent-Length: 2\r\n${close}\r\n{}`,
    );
    expect([400, 401, 416]).toContain(status);
    expect(body).toContain('"errors"');
    expectStatus(await client.head(`/v2/${name}/manifests/twice`), 404);
  });
});

describe('headers with the names of what every object has', () => {
  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype'])(
    '%s changes nothing (CVE-2026-21710)',
    async (header) => {
      const { status, body } = await rawExchange(
        door,
        `GET /v2/${name}/manifests/latest?${header}=1&${header}[x]=2 HTTP/1.1\r\n${header}: 1\r\n${header}: 2\r\n${close}\r\n`,
      );
      expect(status).toBe(200);
      expect(body).toContain('schemaVersion');
    },
  );
});

describe('headers that are long', () => {
  it.each([
    [
      'a bearer token of a megabyte of dots (CVE-2025-66506)',
      `Authorization: Bearer ${'.'.repeat(1_000_000)}`,
    ],
    ['a Basic of a megabyte', `Authorization: Basic ${'A'.repeat(1_000_000)}`],
    ['an Accept of 100,000 parts (CVE-2025-66564)', `Accept: ${'a/b;q=1,'.repeat(100_000)}`],
    ['100,000 headers', 'X-Many: 1\r\n'.repeat(100_000).trimEnd()],
  ])('%s are refused at once', async (_, header) => {
    const begun = performance.now();
    const { status } = await rawExchange(
      door,
      `GET /v2/${name}/manifests/latest HTTP/1.1\r\n${header}\r\n${close}\r\n`,
    );
    expect([0, 400, 401, 431]).toContain(status);
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it.each([
    ['Accept', 'a/b;q=1,'.repeat(1500)],
    ['If-None-Match', '"a",'.repeat(2000)],
    ['Range', `bytes=${'0-1,'.repeat(2000)}5-6`],
    ['User-Agent', 'x'.repeat(8000)],
    ['X-Forwarded-For', '1.1.1.1,'.repeat(1000)],
    ['X-Forwarded-Host', 'evil.example'],
    ['Forwarded', 'host=evil.example;proto=https'],
    ['traceparent', 'x'.repeat(5000)],
  ])('%s that fits changes nothing', async (header, value) => {
    const answer = await client.get(`/v2/${name}/manifests/latest`, { [header]: value });
    expectStatus(answer, 200);
    expect(answer.body).toEqual(image.bytes);
  });

  it('does not send a client to the host of a header that nobody trusted', async () => {
    const answer = await client.send('POST', `/v2/${name}/blobs/uploads/`, {
      headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    });
    expectStatus(answer, 202);
    expect(answer.headers['location']).not.toContain('evil.example');
  });
});

describe('bodies that end too early', () => {
  it('of a manifest store nothing', async () => {
    const socket = await connectTo(target.origin);
    socket.write(
      `PUT /v2/${name}/manifests/cut HTTP/1.1\r\nHost: registry\r\nContent-Type: ${image.mediaType}\r\nContent-Length: ${image.bytes.length}\r\n\r\n`,
    );
    socket.write(image.bytes.subarray(0, 50));
    await sleep(200);
    socket.destroy();
    expectStatus(await client.head(`/v2/${name}/manifests/cut`), 404);
  });

  it('of a blob store nothing under its digest', async () => {
    const location = await client.startUpload(name);
    const digest = digestOf('half');
    const socket = await connectTo(target.origin);
    socket.write(
      `PUT ${location}${location.includes('?') ? '&' : '?'}digest=${digest} HTTP/1.1\r\nHost: registry\r\nContent-Length: 1000\r\n\r\nhalf`,
    );
    await sleep(200);
    socket.destroy();
    expectStatus(await client.head(`/v2/${name}/blobs/${digest}`), 404);
  });
});

describe('requests one behind the other on one connection', () => {
  it('are answered in order', async () => {
    const { head, body } = await rawExchange(
      door,
      get('/v2/') +
        get(`/v2/${name}/tags/list`) +
        get('/v2/UPPER/tags/list') +
        get('/v2/', 'Connection: close\r\n'),
    );
    const statuses = `${head}\r\n\r\n${body}`.match(/HTTP\/1\.1 \d{3}/g);
    expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400', 'HTTP/1.1 200']);
  });

  it('after a refused body are not read from that body', async () => {
    const smuggled = 'GET /v2/_catalog HTTP/1.1\r\nHost: registry\r\n\r\n';
    const { head, body } = await rawExchange(
      door,
      `PUT /v2/UPPER/manifests/x HTTP/1.1\r\nHost: registry\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}GET /v2/ HTTP/1.1\r\n${close}\r\n`,
    );
    expect(head).toMatch(/^HTTP\/1\.1 400/);
    expect(body).not.toContain('"repositories"');
  });

  it('Expect: 100-continue is answered before the body is sent', async () => {
    const { head, body } = await rawExchange(
      door,
      `PUT /v2/${name}/manifests/expect HTTP/1.1\r\nHost: registry\r\nExpect: 100-continue\r\nContent-Type: ${image.mediaType}\r\nContent-Length: ${image.bytes.length}\r\n\r\n`,
      { quietMs: 500, withinMs: 3000 },
    );
    expect(`${head}${body}`).toMatch(/^HTTP\/1\.1 (100|4\d\d)/);
  });
});
