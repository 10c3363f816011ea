import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openManagedDriver, type StorageHost } from './open-managed-driver.ts';

let folder: string;
let watched: string[];
const closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-managed-'));
  watched = [];
});

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  await rm(folder, { recursive: true });
});

function host(enabled = true): StorageHost {
  return {
    lifecycle: { onClose: (_, close) => void closers.push(close) },
    config: { health: { storagedriver: { enabled, interval: 10_000, threshold: 3 } } },
    readiness: {
      watch: (name) => void watched.push(name),
      require: (name, _check, work) => void watched.push(`${name} for ${work}`),
      tell: () => undefined,
    },
    metrics: { storageObserver: () => () => () => undefined, storageSpace: () => undefined },
  };
}

// Nobody can create a file there, not even root.
const refusing = { filesystem: { rootdirectory: '/sys/longshore' } };

describe('openManagedDriver', () => {
  it('watches a store that works', async () => {
    await openManagedDriver({ filesystem: { rootdirectory: folder } }, host());
    expect(watched).toEqual(['storage', 'storage for pushes']);
  });

  it('does not start if the store refuses access, and says why', async () => {
    const opened = openManagedDriver(refusing, host());
    await expect(opened).rejects.toThrow('the store refuses us');
    await expect(opened).rejects.toMatchObject({ cause: { kind: 'denied' } });
    expect(watched).toEqual([]);
  });

  it('does not check the store if the check is switched off', async () => {
    await expect(openManagedDriver(refusing, host(false))).resolves.toBeDefined();
  });

  it('starts while the store is unavailable, and is unready until it is back', async () => {
    const away = {
      regionendpoint: 'http://127.0.0.1:1',
      bucket: 'b',
      accesskey: 'a',
      secretkey: 's',
      maxretries: 0,
    };
    await openManagedDriver({ s3: away }, host());
    expect(watched).toEqual(['storage', 'storage for pushes']);
  });
});
