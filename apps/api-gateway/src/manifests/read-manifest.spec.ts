import { once } from 'node:events';
import { Readable } from 'node:stream';
import { bytes, Endpoint, type RegistryRequest, type Reply } from '@longshore/service-kit';
import { openDoor, type OpenDoor } from '@longshore/service-kit/testing';
import { connectTo, eventually, exchange } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from './read-manifest.ts';

const limit = 4 * 1024 * 1024;

/** Returns the length and the beginning of the body. */
class Manifests {
  @Endpoint('manifest-put')
  async put({ body }: RegistryRequest): Promise<Reply> {
    const manifest = await readManifest(body, limit);
    return bytes(200, manifest.subarray(0, 10), { 'x-length': manifest.byteLength });
  }
}

let door: OpenDoor;
beforeAll(async () => {
  door = await openDoor({ endpoints: [new Manifests()] });
});
afterAll(() => door.close());

const path = '/v2/team/app/manifests/latest';
const push = (body: Uint8Array | Readable, headers = {}) =>
  exchange(door.origin, path, { method: 'PUT', body, headers });
const inChunks = (total: number, size = 64 * 1024) =>
  Readable.from(
    Array.from({ length: Math.ceil(total / size) }, (_, at) =>
      Buffer.alloc(Math.min(size, total - at * size), 'x'),
    ),
  );

describe('readManifest', () => {
  it('gives the bytes exactly as they came', async () => {
    expect((await push(Buffer.from('{ "a":1}\n'))).body.toString()).toBe('{ "a":1}\n');
    expect((await push(Readable.from([Buffer.from('{ "a"'), Buffer.from(':1}\n')]))).body.toString()).toBe(
      '{ "a":1}\n',
    );
  });

  it('returns nothing for an empty body', async () => {
    expect((await push(Buffer.alloc(0))).headers['x-length']).toBe('0');
  });

  it('takes exactly the limit, whether or not the length is announced', async () => {
    expect((await push(Buffer.alloc(limit))).headers['x-length']).toBe(String(limit));
    expect((await push(inChunks(limit))).headers['x-length']).toBe(String(limit));
  });

  it('refuses one byte more', async () => {
    expect((await push(Buffer.alloc(limit + 1))).status).toBe(413);
    expect((await push(inChunks(limit + 1))).status).toBe(413);
  });

  it('refuses an announced length beyond the limit before a byte has come', async () => {
    const socket = await connectTo(door.origin);
    socket.write(`PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${limit + 1}\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413/);
    socket.destroy();
  });

  it('stops reading a body without an end', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(64 * 1024));
      },
    });
    expect((await push(endless)).status).toBe(413);
    endless.destroy();
  });

  it('fails when the client goes away in the middle', async () => {
    const socket = await connectTo(door.origin);
    socket.write(`PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf`);
    setTimeout(() => socket.destroy(), 50);
    await eventually(() =>
      expect(door.outcomes.at(-1)).toMatchObject({ status: 499, fault: { message: 'aborted' } }),
    );
  });
});
