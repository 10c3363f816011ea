import { randomUUID } from 'node:crypto';
import { type ObjectKey, objectKey } from '../object-key.ts';
import type { StorageDriver, Upload } from '../storage-driver.ts';
import { bytesOf, inChunks } from './bytes.ts';

/** The parameters of the suite, given by the driver's author. */
export interface DriverUnderTest {
  /** The driver as `createStorageDriver` makes it: wrapped in an InstrumentedDriver. */
  readonly driver: StorageDriver;
  /** The same store as another process sees it. Equal to `driver` if the store lives only in this process. */
  readonly other: StorageDriver;
  /** Whether the store is this process's memory; the suite then lets memory grow with the object. */
  readonly isMemory?: boolean;
  /** Makes the store fail midway through the next append, after about 1 MiB, until the returned function is called. */
  readonly breakAppend?: () => () => void;
  /** Runs after the suite. */
  readonly dispose?: () => Promise<void>;
}

/** The driver under test, with keys that no other test uses. */
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

  /** Returns a folder that no other test uses. */
  folder(): string {
    return `${this.prefix}${randomUUID()}`;
  }

  key(): ObjectKey {
    return objectKey(this.folder());
  }

  upload(): Upload {
    return { key: this.key(), offset: 0, state: null };
  }

  /** Returns the key to commit an upload to: a new key if the driver renames. */
  finalKey({ key }: Upload): ObjectKey {
    return this.driver.capabilities.renames ? this.key() : key;
  }

  /** Appends with the driver, or with the one given. */
  async append(upload: Upload, bytes: Uint8Array, driver = this.driver): Promise<Upload> {
    const { offset, state } = await driver.append(upload, inChunks(bytes));
    return { key: upload.key, offset, state };
  }

  async commit(upload: Upload): Promise<ObjectKey> {
    const finalKey = this.finalKey(upload);
    await this.driver.commit(upload, finalKey);
    return finalKey;
  }

  /** Stores an object the way blobs are stored. */
  async stored(bytes: Uint8Array): Promise<ObjectKey> {
    return this.commit(await this.append(this.upload(), bytes));
  }

  /** Returns the object's bytes as another process reads them. */
  async content(key: ObjectKey): Promise<Buffer> {
    return bytesOf(await this.other.read(key));
  }

  async keys(prefix: string, startAfter?: string): Promise<string[]> {
    const keys = [];
    for await (const { key } of this.driver.list(prefix, { startAfter })) keys.push(key);
    return keys;
  }

  /** Returns the keys under which uploads left data in the store. */
  async leftovers(): Promise<string[]> {
    const keys = [];
    for await (const { key } of this.driver.leftovers()) keys.push(key);
    return keys;
  }
}
