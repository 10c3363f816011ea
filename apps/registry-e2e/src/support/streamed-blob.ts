import { createHash } from 'node:crypto';
import { open } from '@longshore/testing';
import { expect } from 'vitest';
import { expectStatus } from './expectations.ts';
import { syntheticLayer } from './synthetic-layer.ts';
import { client, target } from './target.ts';

/** A blob of any size that is never held: made while it is pushed. @returns its digest */
export async function pushStreamed(name: string, length: number, timeoutMs: number): Promise<string> {
  const layer = syntheticLayer(length);
  const answer = await client.send('PATCH', await client.startUpload(name), {
    body: layer.stream,
    timeoutMs,
  });
  expectStatus(answer, 202);
  expect(answer.headers['range']).toBe(`0-${length - 1}`);
  const closed = await client.send('PUT', `${client.locationOf(answer)}?digest=${layer.digest()}`, {
    timeoutMs,
  });
  expectStatus(closed, 201);
  return layer.digest();
}

/** @returns the digest of the bytes that came */
export async function pullStreamed(name: string, digest: string, timeoutMs: number): Promise<string> {
  const message = await open(target.origin, `/v2/${name}/blobs/${digest}`, { timeoutMs });
  expect(message.statusCode).toBe(200);
  const hash = createHash('sha256');
  for await (const chunk of message) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
