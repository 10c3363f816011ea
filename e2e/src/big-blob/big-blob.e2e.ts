import { setTimeout as sleep } from 'node:timers/promises';
import { blobOf, connectTo, open, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { growthDuring } from '../support/processes.ts';
import { pullStreamed, pushStreamed } from '../support/streamed-blob.ts';
import { client, target } from '../support/target.ts';

const gibibyte = 1024 ** 3;
const bytes = Number(
  process.env['E2E_LAYER_BYTES'] ?? (target.form === 'cluster' ? 10 * gibibyte : 2 * gibibyte),
);
const allowedMiB = 96;
const transferMs = 300_000;
const name = uniqueRepository('big');
const place = { name, timeoutMs: transferMs };

const push = (length: number): Promise<string> => pushStreamed(client, place, length);
const pull = (digest: string): Promise<string> => pullStreamed(client, place, digest);

describe(`a layer of ${(bytes / gibibyte).toFixed(1)} GiB`, () => {
  let digest = '';

  beforeAll(async () => {
    // Code that has never run holds no memory, so the idle value is measured after some use.
    await pull(await push(8 * 1024 * 1024));
    await sleep(2000);
  });

  it(
    `is pushed while every process stays within ${allowedMiB} MiB of its idle value`,
    { timeout: transferMs + 60_000 },
    async () => {
      const { growthMiB, name: process } = await growthDuring(target.pid, async () => {
        digest = await push(bytes);
      });
      expect(growthMiB, process).toBeLessThan(allowedMiB);
    },
  );

  it('is pulled in the same memory, every byte of it', { timeout: transferMs + 60_000 }, async () => {
    const { growthMiB, name: process } = await growthDuring(target.pid, async () => {
      expect(await pull(digest)).toBe(digest);
    });
    expect(growthMiB, process).toBeLessThan(allowedMiB);
  });

  it('is pulled by thirty-two slow clients at once in the same memory', { timeout: 120_000 }, async () => {
    const { growthMiB, name: process } = await growthDuring(target.pid, async () => {
      await Promise.all(
        Array.from({ length: 32 }, async () => {
          const message = await open(target.origin, `/v2/${name}/blobs/${digest}`, { timeoutMs: transferMs });
          for (let read = 0; read < 40; read += 1) {
            message.read(16 * 1024);
            await sleep(250);
          }
          message.destroy();
        }),
      );
    });
    expect(growthMiB, process).toBeLessThan(allowedMiB);
  });

  it('thirty-two slow clients push at once in the same memory', { timeout: 120_000 }, async () => {
    const blobs = Array.from({ length: 32 }, () => blobOf(uniqueBytes(2 * 1024 * 1024)));
    const { growthMiB, name: process } = await growthDuring(target.pid, async () => {
      await Promise.all(
        blobs.map(async (blob) => {
          const location = await client.startUpload(name);
          const socket = await connectTo(target.origin);
          socket.on('error', () => undefined);
          socket.write(
            `PUT ${location}?digest=${blob.digest} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\nContent-Length: ${blob.bytes.length}\r\n\r\n`,
          );
          for (let sent = 0; sent < blob.bytes.length; sent += 64 * 1024) {
            socket.write(blob.bytes.subarray(sent, sent + 64 * 1024));
            await sleep(250);
          }
          const [answer] = await new Promise<Buffer[]>((resolve) =>
            socket.once('data', (data) => resolve([data])),
          );
          expect(answer?.toString('latin1')).toMatch(/^HTTP\/1\.1 201/);
          socket.destroy();
        }),
      );
    });
    expect(growthMiB, process).toBeLessThan(allowedMiB);
    for (const { digest: one } of blobs) expectStatus(await client.head(`/v2/${name}/blobs/${one}`), 200);
  });
});
