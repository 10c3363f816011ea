import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo, ociTypes, rawExchange, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, expectStatus } from '../support/expectations.ts';
import { growthDuring } from '../support/processes.ts';
import { client, doorOrigin, target } from '../support/target.ts';

const name = uniqueRepository('exhaustion');
let door = '';

beforeAll(async () => {
  door = await doorOrigin();
});

function endless(): Readable {
  const chunk = Buffer.alloc(64 * 1024, 0x20);
  let sent = 0;
  return new Readable({
    read() {
      sent += chunk.length;
      // Ends at last: a registry that accepts a gigabyte has failed.
      this.push(sent > 1024 * 1024 * 1024 ? null : chunk);
    },
  });
}

describe('a manifest without an end (CVE-2017-11468)', () => {
  it('is refused with 413 and held nowhere', async () => {
    const { growthMiB, name: process } = await growthDuring(target.pid, async () => {
      for (let round = 0; round < 5; round += 1) {
        const answer = await client.send('PUT', `/v2/${name}/manifests/endless`, {
          body: endless(),
          headers: { 'content-type': ociTypes.manifest },
        });
        expectRefusal(answer, 413, 'SIZE_INVALID', 'MANIFEST_INVALID');
      }
    });
    expect(growthMiB, process).toBeLessThan(96);
  });

  it('that only says how long it would be is refused by its length', async () => {
    const { status } = await rawExchange(
      door,
      `PUT /v2/${name}/manifests/long HTTP/1.1\r\nHost: registry\r\nContent-Type: ${ociTypes.manifest}\r\nContent-Length: 9000000000000000000\r\n\r\n{`,
    );
    expect([400, 413]).toContain(status);
  });

  it('of 4 MiB and a byte in sixty-four pushes at once is refused every time', async () => {
    const body = Buffer.alloc(4 * 1024 * 1024 + 1, 0x20);
    const { growthMiB, name: process } = await growthDuring(target.pid, async () => {
      const answers = await Promise.all(
        Array.from({ length: 64 }, () =>
          client.send('PUT', `/v2/${name}/manifests/large`, {
            body: Readable.from([body]),
            headers: { 'content-type': ociTypes.manifest },
          }),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([413]));
    });
    expect(growthMiB, process).toBeLessThan(512);
  });
});

describe('clients that do not go on', () => {
  it('two hundred silent connections do not keep the next client out', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connectTo(target.origin)));
    for (const socket of sockets) socket.write('GET /v2/ HTTP/1.1\r\nHost: registry\r\nX-Slow: ');
    expectStatus(await client.get('/v2/'), 200);
    for (const socket of sockets) socket.destroy();
  });

  it('a hundred uploads that stand still do not keep the next push out', async () => {
    const locations = await Promise.all(Array.from({ length: 100 }, () => client.startUpload(name)));
    const sockets = await Promise.all(locations.map(() => connectTo(target.origin)));
    sockets.forEach((socket, index) => {
      socket.on('error', () => undefined);
      socket.write(
        `PATCH ${locations[index]} HTTP/1.1\r\nHost: registry\r\nContent-Length: 1000000\r\n\r\nsome bytes`,
      );
    });
    await sleep(500);
    expectStatus(await client.get('/v2/'), 200);
    expectStatus(await client.send('POST', `/v2/${name}/blobs/uploads/`), 202);
    for (const socket of sockets) socket.destroy();
  });
});

describe('many different requests', () => {
  it('fifty thousand names do not stay in memory', { timeout: 240_000 }, async () => {
    const { Agent } = await import('node:http');
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const count = 50_000;
    let next = 0;
    const { growthMiB, name: process } = await growthDuring(target.pid, async () => {
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          while (next < count) {
            next += 1;
            await client.send('GET', `/v2/many/n${next}/tags/list`, {
              agent,
              headers: { 'user-agent': `agent-${next}` },
            });
          }
        }),
      );
    });
    agent.destroy();
    expect(growthMiB, process).toBeLessThan(160);
  });
});
