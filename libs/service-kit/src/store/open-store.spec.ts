import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@longshore/configuration';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type StoreHost } from './open-store.ts';

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

function host(storage: Record<string, string>, enabled = true): StoreHost {
  const health = { REGISTRY_HEALTH_STORAGEDRIVER_ENABLED: String(enabled) };
  return {
    lifecycle: { onClose: (_, close) => void closers.push(close) },
    config: loadConfiguration({ environment: { ...storage, ...health } }),
    readiness: {
      watch: (name) => void watched.push(name),
      require: (name, _check, work) => void watched.push(`${name} for ${work}`),
      tell: () => undefined,
    },
    metrics: { storageObserver: () => () => () => undefined, storageSpace: () => undefined },
  };
}

// Nobody can create a file there, not even root.
const refusing = { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: '/sys/longshore' };

describe('openStore', () => {
  it('watches a store that works', async () => {
    await openStore(host({ REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: folder }));
    expect(watched).toEqual(['storage', 'storage for pushes']);
  });

  it('does not start if the store refuses access, and says why', async () => {
    const opened = openStore(host(refusing));
    await expect(opened).rejects.toThrow('the store refuses us');
    await expect(opened).rejects.toMatchObject({ cause: { kind: 'denied' } });
    expect(watched).toEqual([]);
  });

  it('does not check the store if the check is switched off', async () => {
    await expect(openStore(host(refusing, false))).resolves.toBeDefined();
  });

  it('starts while the store is unavailable, and is unready until it is back', async () => {
    const away = {
      REGISTRY_STORAGE_S3_REGIONENDPOINT: 'http://127.0.0.1:1',
      REGISTRY_STORAGE_S3_BUCKET: 'b',
      REGISTRY_STORAGE_S3_ACCESSKEY: 'a',
      REGISTRY_STORAGE_S3_SECRETKEY: 's',
      REGISTRY_STORAGE_S3_MAXRETRIES: '0',
    };
    await openStore(host(away));
    expect(watched).toEqual(['storage', 'storage for pushes']);
  });
});
