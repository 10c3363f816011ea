import type { Answer, Blob, Image, RegistryClient } from '@longshore/testing';
import { expect } from 'vitest';

/** Checks that the answer is this error of the error table: status, code, JSON, the version header. */
export function expectRefusal(answer: Answer, status: number, ...codes: readonly string[]): void {
  expect({ status: answer.status, code: answer.codes[0] }, answer.body.toString().slice(0, 500)).toEqual({
    status,
    code: codes.length > 1 ? expect.toBeOneOf([...codes]) : codes[0],
  });
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0');
}

/** Pulls an image and checks every byte of its manifest and its blobs. @param reference a tag; by default the image's digest */
export async function expectWhole(
  client: RegistryClient,
  name: string,
  image: Image,
  reference = image.digest,
): Promise<void> {
  expect((await client.get(`/v2/${name}/manifests/${reference}`)).body).toEqual(image.bytes);
  for (const { digest, bytes } of image.blobs)
    expect((await client.get(`/v2/${name}/blobs/${digest}`)).body).toEqual(bytes);
}

/** Pulls a blob and checks every byte. */
export async function expectPullable(
  client: RegistryClient,
  name: string,
  { digest, bytes }: Blob,
): Promise<void> {
  const answer = await client.get(`/v2/${name}/blobs/${digest}`);
  expectStatus(answer, 200);
  expect(answer.headers['docker-content-digest']).toBe(digest);
  expect(answer.body.equals(bytes)).toBe(true);
}

export function expectStatus(answer: Answer, status: number): void {
  expect(answer.status, answer.body.toString().slice(0, 500)).toBe(status);
}
