import { createHash } from 'node:crypto';
import { open, type RegistryClient } from '@longshore/testing';
import { expect } from 'vitest';
import { expectStatus } from './expectations.ts';
import { syntheticLayer } from './synthetic-layer.ts';

/** A repository, and the time limit of one request to it. */
export interface StreamedIn {
  readonly name: string;
  readonly timeoutMs: number;
}

/** Pushes a blob of any size without holding it: makes it during the push, and sends each request once. @returns its digest */
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

/** @returns the digest of the received bytes */
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
