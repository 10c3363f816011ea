import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Answer,
  blobOf,
  descriptorOf,
  eventually,
  manifestOf,
  ociTypes,
  RegistryClient,
  tinyImage,
} from '@longshore/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Registry, startRegistry, temporaryHome } from '../runner/registry.ts';
import { expectStatus } from '../support/expectations.ts';
import { fill, mebibyte, mount, unmount } from './small-disk.ts';

const diskMiB = 64;
const name = 'team/app';
const image = tinyImage({ content: 'kept' });
const config = blobOf('{}');

let home = '';
let wal = '';
let filler = '';
let registry: Registry;
let client: RegistryClient;

beforeAll(async () => {
  home = await temporaryHome();
  wal = join(home, 'postgres/pg_wal');
  filler = join(wal, 'filler');
  registry = await startRegistry({ form: 'standalone', home });
  await new RegistryClient(registry.origin).pushImage(name, image, 'latest');
  await registry.stop();
  // Moves the write-ahead log to a small disk.
  const files = join(home, 'pg_wal');
  execFileSync('cp', ['--archive', wal, files]);
  mount(wal, diskMiB);
  execFileSync('cp', ['--archive', '--no-target-directory', files, wal]);
  registry = await startRegistry({ form: 'standalone', home });
  client = new RegistryClient(registry.origin);
  await client.pushBlob(name, config);
}, 120_000);

afterAll(async () => {
  await registry.stop();
  unmount(wal);
  await registry.discard();
});

/** Pushes a manifest of 3 MB that does not compress: six of them fill a segment of the write-ahead log. */
function pushLarge(): Promise<Answer> {
  const annotations = { noise: randomBytes(2.2 * mebibyte).toString('base64') };
  const descriptor = descriptorOf(config, ociTypes.empty);
  const manifest = manifestOf(ociTypes.manifest, { config: descriptor, layers: [], annotations });
  return client.pushManifest(name, manifest.digest, manifest);
}

const isAway = /Postgres is away/g;
const told = (sign: RegExp): number => readFileSync(registry.log, 'utf8').match(sign)?.length ?? 0;

it('a registry whose write-ahead log had no space goes on by itself when there is some again', async () => {
  fill(filler, diskMiB);
  // Uses the rest of the existing segments first.
  await eventually(async () => {
    await pushLarge();
    expect(told(isAway)).toBeGreaterThan(1);
  }, 60_000);
  const refused = await pushLarge();
  expectStatus(refused, 503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  rmSync(filler);
  await eventually(async () => expectStatus(await pushLarge(), 201), 90_000);
  expect((await client.get(`/v2/${name}/manifests/latest`)).body).toEqual(image.bytes);
  expect(told(/Postgres runs again/g)).toBe(1);
}, 240_000);
