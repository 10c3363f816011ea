import { randomBytes } from 'node:crypto';
import { OssError } from '../wire/oss-error.ts';
import { SortedKeys } from './sorted-keys.ts';
import type { StoredBytes } from './stored-bytes.ts';

export interface StoredObject {
  readonly key: string;
  readonly bytes: StoredBytes;
  /** Without quotes. */
  readonly etag: string;
  readonly crc64: bigint;
  readonly type: 'Normal' | 'Multipart';
  readonly modifiedAt: Date;
  /** Headers that are stored with the object and returned with it: content headers, metadata, encryption, storage class. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Part {
  readonly number: number;
  readonly bytes: StoredBytes;
  readonly md5: string;
  readonly crc64: bigint;
  readonly modifiedAt: Date;
}

export interface MultipartUpload {
  readonly id: string;
  readonly key: string;
  readonly initiatedAt: Date;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Part>;
}

/** The content of one bucket. Every change happens in one turn of the event loop, so requests see all of it or nothing. */
export class Bucket {
  readonly name: string;
  readonly createdAt: Date;
  readonly uploads = new Map<string, MultipartUpload>();
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys = new SortedKeys();

  constructor(name: string, createdAt: Date) {
    this.name = name;
    this.createdAt = createdAt;
  }

  /** @throws OssError NoSuchKey */
  object(key: string): StoredObject {
    const found = this.#objects.get(key);
    if (found === undefined) throw new OssError('NoSuchKey', { Key: key });
    return found;
  }

  /** @throws OssError FileAlreadyExists */
  refuseOverwrite(key: string, headers: Readonly<Record<string, string>>): void {
    if (headers['x-oss-forbid-overwrite'] === 'true' && this.#objects.has(key))
      throw new OssError('FileAlreadyExists', { Key: key });
  }

  put(object: StoredObject): void {
    const old = this.#objects.get(object.key);
    this.#objects.set(object.key, object);
    this.#keys.add(object.key);
    void old?.bytes.drop();
  }

  delete(key: string): void {
    const old = this.#objects.get(key);
    this.#objects.delete(key);
    this.#keys.delete(key);
    void old?.bytes.drop();
  }

  /** Yields objects in the order of listings, from `first` on. */
  *objectsFrom(first: string): Generator<StoredObject> {
    for (const key of this.#keys.from(first)) yield this.object(key);
  }

  initiate(upload: Omit<MultipartUpload, 'id' | 'parts'>): MultipartUpload {
    const id = randomBytes(16).toString('hex').toUpperCase();
    const initiated = { ...upload, id, parts: new Map<number, Part>() };
    this.uploads.set(id, initiated);
    return initiated;
  }

  /** @throws OssError NoSuchUpload, also if the upload belongs to another object */
  upload(key: string, id: string): MultipartUpload {
    const found = this.uploads.get(id);
    if (found?.key !== key) throw new OssError('NoSuchUpload', { UploadId: id });
    return found;
  }

  /** Ends an upload and drops its parts, except those in `kept`. */
  close(upload: MultipartUpload, kept: readonly Part[] = []): void {
    this.uploads.delete(upload.id);
    for (const part of upload.parts.values()) if (!kept.includes(part)) void part.bytes.drop();
  }
}
