import { isLending, type ObjectKey, type StorageDriver } from '@longshore/storage';
import { inChunks, newKey, someBytes } from '@longshore/storage/testing';
import { ossAccess, startOss } from '@longshore/oss-server';
import {
  azureAccess,
  s3Access,
  startAzurite,
  startMinio,
  startSwift,
  startTlsFront,
  type StoreAccess,
  swiftAccess,
  type TlsFront,
} from '@longshore/testing/stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStorageDriver } from './create-storage-driver.ts';

interface Store extends StoreAccess {
  stop(): Promise<void>;
}

async function minio(): Promise<Store> {
  const server = await startMinio();
  return { ...s3Access(server), stop: () => server.stop() };
}

async function azurite(): Promise<Store> {
  const server = await startAzurite();
  return { ...azureAccess(server), stop: () => server.stop() };
}

async function swift(): Promise<Store> {
  const server = await startSwift();
  return { ...swiftAccess(server), stop: () => server.stop() };
}

async function oss(): Promise<Store> {
  const server = await startOss();
  return { ...ossAccess(server), stop: () => server.stop() };
}

async function withDriver<T>(
  configuration: Readonly<Record<string, object>>,
  more: object,
  use: (driver: StorageDriver) => Promise<T>,
): Promise<T> {
  const [[name, parameters] = ['', {}]] = Object.entries(configuration);
  const driver = await createStorageDriver({ [name]: { ...parameters, ...more } });
  try {
    return await use(driver);
  } finally {
    await driver.close();
  }
}

/** Reads the body by lending, so that a large one is read past the HTTP parser. */
async function lent(driver: StorageDriver, key: ObjectKey): Promise<Buffer> {
  const stream = await driver.read(key);
  if (!isLending(stream)) throw new Error('it does not lend');
  const chunks: Buffer[] = [];
  await stream.lend(async (chunk) => {
    chunks.push(Buffer.from(chunk));
    await Promise.resolve();
  });
  return Buffer.concat(chunks);
}

describe.each([
  ['s3', minio],
  ['azure', azurite],
  ['swift', swift],
  ['oss', oss],
])('%s with a certificate of an unknown authority', (name, start) => {
  let store: Store;
  let front: TlsFront;

  beforeAll(async () => {
    store = await start();
    front = await startTlsFront(store.origin);
  });

  afterAll(async () => {
    await front.stop();
    await store.stop();
  });

  it('is refused, and the error names the parameter', async () => {
    const problem = await withDriver(store.configuration(front.origin), {}, (driver) =>
      driver.check().then(String, String),
    );
    expect(problem).toMatch(new RegExp(`^StorageError: ${name}: .*storage\\.${name}: .*cabundle`));
  });

  it('stores a large object with cabundle, and lends it back whole', async () => {
    const bytes = someBytes(25_000_000);
    await withDriver(store.configuration(front.origin), { cabundle: front.certificate }, async (driver) => {
      await driver.check();
      const key = newKey();
      const appended = await driver.append({ key, offset: 0, state: null }, inChunks(bytes, 64 * 1024));
      await driver.commit({ key, ...appended }, key);
      expect((await lent(driver, key)).equals(bytes)).toBe(true);
    });
  });
});
