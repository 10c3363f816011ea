import { randomUUID } from 'node:crypto';
import { type ObjectKey, objectKey } from '../object-key.ts';
import type { StorageDriver, Upload } from '../storage-driver.ts';
import { bytesOf, inChunks } from './bytes.ts';

/** What a driver's author gives to the suite. */
export interface DriverUnderTest {
  /** As `createStorageDriver` makes it: within an InstrumentedDriver. */
  readonly driver: StorageDriver;
  /** The same store as another process sees it; `driver` itself where the store lives in this process only. */
  readonly other: StorageDriver;
  /** Whether the store is memory of this process: then the suite does not ask where the bytes are. */
  readonly isMemory?: boolean;
  /** Makes the store fail in the midst of the next append, about 1 MiB from its beginning, until the returned function is called. */
  readonly breakAppend?: () => () => void;
  /** Runs after the suite. */
  readonly dispose?: () => Promise<void>;
}

/** The driver under test, and keys that no other test has. */
export class Subject {
  readonly driver: StorageDriver;
  readonly other: StorageDriver;
  readonly isMemory: boolean;
  readonly breakAppend: (() => () => void) | undefined;
  readonly #suite = `suite-${randomUUID()}`;

  constructor({ driver, other, isMemory = false, breakAppend }: DriverUnderTest) {
    this.driver = driver;
    this.other = other;
    this.isMemory = isMemory;
    this.breakAppend = breakAppend;
  }

  get prefix(): string {
    return `${this.#suite}/`;
  }

  /** A folder that no other test has. */
  folder(): string {
    return `${this.prefix}${randomUUID()}`;
  }

  key(): ObjectKey {
    return objectKey(this.folder());
  }

  upload(): Upload {
    return { key: this.key(), offset: 0, state: null };
  }

  /** Where an upload is to be committed: a new key if the driver renames. */
  finalKey({ key }: Upload): ObjectKey {
    return this.driver.capabilities.renames ? this.key() : key;
  }

  /** Appends with the driver, and the next time with the other one. */
  async append(upload: Upload, bytes: Uint8Array, driver = this.driver): Promise<Upload> {
    const { offset, state } = await driver.append(upload, inChunks(bytes));
    return { key: upload.key, offset, state };
  }

  async commit(upload: Upload): Promise<ObjectKey> {
    const finalKey = this.finalKey(upload);
    await this.driver.commit(upload, finalKey);
    return finalKey;
  }

  /** An object that came as blobs come. */
  async stored(bytes: Uint8Array): Promise<ObjectKey> {
    return this.commit(await this.append(this.upload(), bytes));
  }

  /** The object's bytes, as another process reads them. */
  async content(key: ObjectKey): Promise<Buffer> {
    return bytesOf(await this.other.read(key));
  }

  async keys(prefix: string, startAfter?: string): Promise<string[]> {
    const keys = [];
    for await (const { key } of this.driver.list(prefix, { startAfter })) keys.push(key);
    return keys;
  }

  /** Keys of which uploads left something in the store. */
  async leftovers(): Promise<string[]> {
    const keys = [];
    for await (const { key } of this.driver.leftovers()) keys.push(key);
    return keys;
  }
}
