import { createHash } from 'node:crypto';
import { open, type RegistryClient } from '@longshore/testing';
import { expect } from 'vitest';
import { expectStatus } from './expectations.ts';
import { syntheticLayer } from './synthetic-layer.ts';

/** A repository, and how long one request to it may take. */
export interface StreamedIn {
  readonly name: string;
  readonly timeoutMs: number;
}

/** A blob of any size that is never held: made while it is pushed, each request sent once. @returns its digest */
export async function pushStreamed(
  client: RegistryClient,
  { name, timeoutMs }: StreamedIn,
  length: number,
): Promise<string> {
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
export async function pullStreamed(
  { origin }: RegistryClient,
  { name, timeoutMs }: StreamedIn,
  digest: string,
): Promise<string> {
  const message = await open(origin, `/v2/${name}/blobs/${digest}`, { timeoutMs });
  expect(message.statusCode).toBe(200);
  const hash = createHash('sha256');
  for await (const chunk of message) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
