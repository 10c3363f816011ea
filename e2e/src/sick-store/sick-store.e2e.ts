import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Answer,
  blobOf,
  eventually,
  freePort,
  RegistryClient,
  tinyImage,
  uniqueBytes,
  uniqueRepository,
} from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Registry, startRegistry, temporaryHome } from '../runner/registry.ts';
import { expectStatus, expectWhole } from '../support/expectations.ts';
import { fill, mebibyte, mount, unmount } from './small-disk.ts';

const diskMiB = 48;

let home = '';
let disk = '';
let debug = '';
let registry: Registry;
let client: RegistryClient;
const image = tinyImage({ content: 'kept' });
const name = uniqueRepository('kept');

beforeAll(async () => {
  home = await temporaryHome();
  disk = join(home, 'disk');
  mkdirSync(disk);
  mount(disk, diskMiB);
  debug = `127.0.0.1:${await freePort()}`;
  registry = await startRegistry({ form: 'standalone', home, configuration });
  client = new RegistryClient(registry.origin);
  await client.pushImage(name, image, 'latest');
});

afterAll(async () => {
  await registry.stop();
  unmount(disk);
  await registry.discard();
});

const configuration = (): string => `version: 0.1
storage: { filesystem: { rootdirectory: '${disk}/storage' } }
log: { accesslog: { disabled: true } }
health: { storagedriver: { interval: 500ms, threshold: 2 } }
http: { debug: { addr: '${debug}', prometheus: { enabled: true } } }
`;

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};

async function push(bytes: number): Promise<Answer> {
  const { bytes: body } = blobOf(uniqueBytes(bytes));
  return client.patch(await client.startUpload(name), body);
}

const expectPulls = (): Promise<void> => expectWhole(client, name, image, 'latest');

async function health(path: string): Promise<{ status: number; document: unknown }> {
  const answer = await fetch(`http://${debug}${path}`);
  return { status: answer.status, document: await answer.json() };
}

const outages = (reason: RegExp): string[] =>
  readFileSync(registry.log, 'utf8')
    .split('\n')
    .filter((line) => line.includes('the store is away') && reason.test(line));

describe('a disk that is full', () => {
  it('has its room back as soon as the push that filled it has failed', async () => {
    const before = freeBytes();
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await push((diskMiB + 8) * mebibyte);
      expectStatus(answer, 503);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(before - freeBytes()).toBeLessThan(mebibyte);
    }
    expectStatus(await push(mebibyte), 202);
    await expectPulls();
  });

  it('is told of once in the log, with the reason, also without the access log', () => {
    const [line, ...others] = outages(/full/);
    expect(line).toMatch(/ENOSPC/);
    expect(others).toEqual([]);
  });

  it('stops pushes, and not pulls: readiness and a metric say so', async () => {
    const filler = join(disk, 'filler');
    fill(filler, diskMiB);
    try {
      await eventually(async () => {
        const { status, document } = await health('/health/ready/push');
        expect(status).toBe(503);
        expect(document).toMatchObject({ missing: { storage: expect.stringContaining('full') } });
      });
      const ready = await health('/health/ready');
      expect(ready.status).toBe(200);
      expect(ready.document).toMatchObject({
        status: 'ready',
        pushes: { status: 'not ready' },
        storage: { totalBytes: diskMiB * mebibyte },
      });
      const metrics = await (await fetch(`http://${debug}/metrics`)).text();
      const free = /registry_storage_space_bytes\{driver="filesystem",state="free"[^}]*\} (\d+)/.exec(
        metrics,
      );
      expect(Number(free?.[1])).toBeLessThan(mebibyte);
      expectStatus(await push(mebibyte), 503);
      await expectPulls();
    } finally {
      rmSync(filler);
    }
    await eventually(async () => expect((await health('/health/ready/push')).status).toBe(200));
    expectStatus(await push(mebibyte), 202);
  });
});

describe('a file system that is mounted read-only', () => {
  it('stops pushes with 503, and not pulls', async () => {
    await eventually(() => void execFileSync('mount', ['-o', 'remount,ro', disk], { stdio: 'pipe' }));
    try {
      const answer = await push(mebibyte);
      expectStatus(answer, 503);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      await expectPulls();
      await eventually(async () => expect((await health('/health/ready/push')).status).toBe(503));
      const { status, document } = await health('/health/ready');
      expect(status).toBe(200);
      expect(document).toMatchObject({
        pushes: { missing: { storage: expect.stringContaining('read-only') } },
      });
      expect(outages(/read-only/)).toHaveLength(1);
    } finally {
      execFileSync('mount', ['-o', 'remount,rw', disk]);
    }
    await eventually(async () => expect((await health('/health/ready/push')).status).toBe(200));
    expectStatus(await push(mebibyte), 202);
  });

  it('does not keep the registry from starting', { timeout: 180_000 }, async () => {
    await registry.stop();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    try {
      registry = await startRegistry({ form: 'standalone', home, configuration });
      client = new RegistryClient(registry.origin);
      await expectPulls();
      expectStatus(await push(mebibyte), 503);
    } finally {
      execFileSync('mount', ['-o', 'remount,rw', disk]);
    }
  });
});
