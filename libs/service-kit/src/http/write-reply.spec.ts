import { once } from 'node:events';
import { Readable } from 'node:stream';
import { connectTo, eventually, exchange } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Endpoint } from '../endpoints/endpoint.decorator.ts';
import { openDoor, type OpenDoor } from '../testing/open-door.ts';
import type { RegistryRequest } from './registry-request.ts';
import { empty, type Reply, stream } from './reply.ts';

const path = `/v2/team/app/blobs/sha256:${'a'.repeat(64)}`;
const upload = '/v2/team/app/blobs/uploads/6f1a2a3e-0f6c-4f0e-9a3c-3f2b8f0f8e11';
const chunkBytes = 100_000;

/** Lends one buffer repeatedly: a reader that uses a chunk after giving it back sees the bytes of a later one. */
class OneBuffer extends Readable {
  readonly #buffer = Buffer.alloc(chunkBytes);
  readonly #chunks: number;
  readonly #failAt: number;

  constructor(chunks: number, failAt = Infinity) {
    super();
    this.#chunks = chunks;
    this.#failAt = failAt;
  }

  override _read(): void {
    this.destroy(new Error('the stream is read where it should be lent'));
  }

  async lend(use: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    for (let index = 0; index < this.#chunks; index += 1) {
      if (this.destroyed) throw new Error('the stream was closed before its end');
      if (index === this.#failAt) throw new Error('the store fell away');
      await use(this.#buffer.fill(index));
    }
  }
}

const whole = (chunks: number): Buffer =>
  Buffer.concat(Array.from({ length: chunks }, (_, index) => Buffer.alloc(chunkBytes, index)));

class Blobs {
  body: Readable = new OneBuffer(0);
  length = 0;

  @Endpoint('blob-get')
  async get(): Promise<Reply> {
    return stream(200, this.body, { 'content-length': this.length });
  }

  serve(chunks: number, failAt?: number): OneBuffer {
    const body = new OneBuffer(chunks, failAt);
    this.promise(body, chunks * chunkBytes);
    return body;
  }

  promise(body: Readable, length: number): void {
    this.body = body;
    this.length = length;
  }
}

/** Refuses an upload after its first bytes, like a wrong Content-Range that is found while the body is read. */
class Uploads {
  @Endpoint('upload-patch')
  async patchRefusedMidway({ body }: RegistryRequest): Promise<Reply> {
    for await (const _ of body.iterator({ destroyOnReturn: false })) break;
    return empty(416);
  }

  @Endpoint('upload-put')
  async putRefusedWhileWaiting({ body }: RegistryRequest): Promise<Reply> {
    const chunks = body.iterator({ destroyOnReturn: false });
    await chunks.next();
    void chunks.next();
    return empty(416);
  }
}

const blobs = new Blobs();
let door: OpenDoor;
beforeAll(async () => {
  door = await openDoor({ endpoints: [blobs, new Uploads()] });
});
afterAll(() => door.close());

describe('writeReply of a body that lends its chunks', () => {
  it('sends a chunk before it gives it back', async () => {
    blobs.serve(50);
    const answer = await exchange(door.origin, path);
    expect(answer.body.equals(whole(50))).toBe(true);
    expect(door.outcomes.at(-1)).toMatchObject({ status: 200 });
  });

  it('ends an answer without bytes', async () => {
    blobs.serve(0);
    const answer = await exchange(door.origin, path);
    expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  it('cuts the connection when the body fails midway', async () => {
    blobs.serve(50, 3);
    await expect(exchange(door.origin, path)).rejects.toThrow(/aborted|hang up|reset/);
    await eventually(() => expect(door.outcomes.at(-1)).toMatchObject({ status: 499 }));
  });

  it('frees the body when the client goes away', async () => {
    const body = blobs.serve(10_000);
    const socket = await connectTo(door.origin);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
    await eventually(() => expect(body.destroyed).toBe(true));
    await eventually(() => expect(door.outcomes.at(-1)).toMatchObject({ status: 499 }));
  });
});

describe.each([
  ['lent', (chunks: number): Readable => new OneBuffer(chunks)],
  ['streamed', (chunks: number): Readable => Readable.from([whole(chunks)], { objectMode: false })],
])('writeReply of a %s body of another length than promised', (_, bodyOf) => {
  it.each([
    ['shorter', 2],
    ['longer', 3],
  ])('cuts the connection of a %s one at once', async (__, chunks) => {
    blobs.promise(bodyOf(chunks), 2.5 * chunkBytes);
    const answered = exchange(door.origin, path, { timeoutMs: 5000 });
    await expect(answered).rejects.toThrow(/aborted|hang up|reset/);
    await eventually(() => expect(door.outcomes.at(-1)).toMatchObject({ status: 499 }));
  });
});

describe('writeReply to a request whose body was read in part', () => {
  it.each(['PATCH', 'PUT'])('keeps the connection of a refused %s for the next request', async (method) => {
    const socket = await connectTo(door.origin);
    try {
      const chunk = Buffer.alloc(chunkBytes);
      const digest = method === 'PUT' ? `?digest=sha256:${'a'.repeat(64)}` : '';
      socket.write(
        `${method} ${upload}${digest} HTTP/1.1\r\nHost: x\r\nContent-Length: ${8 * chunkBytes}\r\n\r\n`,
      );
      socket.write(chunk);
      const [refusal] = await once(socket, 'data');
      expect(String(refusal)).toMatch(/^HTTP\/1.1 416 /);
      for (let rest = 0; rest < 7; rest += 1) socket.write(chunk);
      blobs.serve(0);
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      const [next] = await once(socket, 'data', { signal: AbortSignal.timeout(5_000) });
      expect(String(next)).toMatch(/^HTTP\/1.1 200 /);
    } finally {
      socket.destroy();
    }
  });
});
