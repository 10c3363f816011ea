import { createHash } from 'node:crypto';
import { StorageError } from '@longshore/storage';
import type {
  FoundObject,
  GetRange,
  MultipartStore,
  OpenedObject,
  OpenUpload,
  Page,
  SignedPeriod,
  StoredObject,
  UploadedPart,
} from '@longshore/storage-remote';
import { z } from 'zod';
import { signingRegion } from './oss-address.ts';
import type { OssAnswer, OssClient } from './oss-client.ts';
import {
  bareEtag,
  begunUpload,
  completedUpload,
  completion,
  deletedObjects,
  deletion,
  objectList,
  partList,
  read,
  uploadList,
} from './oss-documents.ts';
import { OssFailure } from './oss-failure.ts';
import { openedRange, rangeHeaders } from './oss-range.ts';
import { type SignableUrl, signUrlV1, signUrlV4 } from './sign-oss-url.ts';

export interface OssStoreOptions {
  readonly client: OssClient;
  /** The address of signed URLs. Equal to the driver's own address if clients use the same one. */
  readonly redirectAddress: SignableUrl['address'];
  /** Encryption of new objects: `AES256`, or a key of KMS. */
  readonly encryption: { readonly kmsKey?: string | undefined } | undefined;
}

interface Upload {
  readonly name: string;
  readonly id: string;
}

const octets = { 'content-type': 'application/octet-stream' };
const pageMarker = z.tuple([z.string(), z.string()]);

/** A bucket of Aliyun OSS. */
export class OssStore implements MultipartStore {
  readonly minimumPart = 100 * 1024;
  readonly signs = true;
  readonly #options: OssStoreOptions;
  readonly #encryption: Readonly<Record<string, string>>;

  constructor(options: OssStoreOptions) {
    this.#options = options;
    this.#encryption = encryptionHeaders(options.encryption);
  }

  async head(name: string, signal?: AbortSignal): Promise<FoundObject> {
    const { headers } = await this.#client.send({ method: 'HEAD', name, signal });
    return {
      size: Number(headers['content-length']),
      modifiedAt: new Date(headers['last-modified'] ?? Number.NaN),
      etag: etagOf({ headers }),
    };
  }

  async get(name: string, range: GetRange, signal?: AbortSignal): Promise<OpenedObject> {
    const headers = rangeHeaders(range);
    const answer = await this.#client.send({ method: 'GET', name, headers, expects: 'stream', signal });
    return { ...openedRange(answer, range), etag: etagOf(answer) };
  }

  async put(
    name: string,
    bytes: Uint8Array,
    { onlyIfAbsent }: { onlyIfAbsent: boolean },
    signal?: AbortSignal,
  ): Promise<{ etag: string } | 'exists'> {
    const headers = {
      ...octets,
      ...this.#encryption,
      ...(onlyIfAbsent ? { 'x-oss-forbid-overwrite': 'true' } : {}),
    };
    try {
      return {
        etag: etagOf(await this.#client.send({ method: 'PUT', name, signal, ...body(bytes, headers) })),
      };
    } catch (error) {
      if (onlyIfAbsent && error instanceof OssFailure && error.code === 'FileAlreadyExists') return 'exists';
      throw error;
    }
  }

  async delete(names: readonly string[]): Promise<readonly { name: string; error: unknown }[]> {
    const [name] = names;
    if (name !== undefined && names.length === 1) {
      await this.#client.send({ method: 'DELETE', name });
      return [];
    }
    const answer = await this.#client.send({
      method: 'POST',
      subresource: { delete: '' },
      query: { 'encoding-type': 'url' },
      ...body(deletion(names), { 'content-type': 'application/xml' }),
      expects: 'document',
    });
    const deleted = new Set(read(deletedObjects, answer.document).Deleted.map(({ Key }) => Key));
    const reason = 'the store does not say that it is deleted, nor why not';
    const left = names.filter((one) => !deleted.has(one));
    return left.map((one) => ({ name: one, error: new StorageError('denied', { driver: 'oss', reason }) }));
  }

  async list(prefix: string, startAfter: string, signal?: AbortSignal): Promise<Page<StoredObject>> {
    const { document } = await this.#client.send({
      method: 'GET',
      query: {
        'list-type': '2',
        prefix,
        'start-after': startAfter,
        'max-keys': '1000',
        'encoding-type': 'url',
      },
      expects: 'document',
      signal,
    });
    const { Contents, IsTruncated } = read(objectList, document);
    const items = Contents.map(({ Key, Size, LastModified }) => ({
      name: Key,
      size: Size,
      modifiedAt: LastModified,
    }));
    return IsTruncated ? { items, next: items.at(-1)?.name } : { items };
  }

  async begin(name: string, signal?: AbortSignal): Promise<string> {
    const { document } = await this.#client.send({
      method: 'POST',
      name,
      subresource: { uploads: '' },
      headers: { ...octets, ...this.#encryption },
      expects: 'document',
      signal,
    });
    return read(begunUpload, document).UploadId;
  }

  async putPart(
    { name, id, number }: Upload & { number: number },
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<string> {
    const subresource = { partNumber: String(number), uploadId: id };
    return etagOf(
      await this.#client.send({ method: 'PUT', name, subresource, signal, ...body(bytes, octets) }),
    );
  }

  async parts({ name, id }: Upload, behind: number): Promise<readonly UploadedPart[]> {
    const { document } = await this.#client.send({
      method: 'GET',
      name,
      subresource: { uploadId: id },
      query: { 'max-parts': '1000', 'part-number-marker': String(behind) },
      expects: 'document',
    });
    return read(partList, document).Part.map(({ PartNumber, ETag }) => ({ number: PartNumber, etag: ETag }));
  }

  async complete({ name, id }: Upload, parts: readonly UploadedPart[]): Promise<void> {
    const { document } = await this.#client.send({
      method: 'POST',
      name,
      subresource: { uploadId: id },
      ...body(completion(parts), { 'content-type': 'application/xml' }),
      expects: 'document',
    });
    read(completedUpload, document);
  }

  async abort({ name, id }: Upload): Promise<void> {
    try {
      await this.#client.send({ method: 'DELETE', name, subresource: { uploadId: id } });
    } catch (error) {
      if (!(error instanceof OssFailure && error.code === 'NoSuchUpload')) throw error;
    }
  }

  async uploads(prefix: string, from?: string): Promise<Page<OpenUpload>> {
    const [keyMarker, idMarker] = from === undefined ? ['', ''] : pageMarker.parse(JSON.parse(from));
    const { document } = await this.#client.send({
      method: 'GET',
      subresource: { uploads: '' },
      query: {
        prefix,
        'max-uploads': '1000',
        'key-marker': keyMarker,
        'upload-id-marker': idMarker,
        'encoding-type': 'url',
      },
      expects: 'document',
    });
    const page = read(uploadList, document);
    const items = page.Upload.map(({ Key, UploadId, Initiated }) => ({
      name: Key,
      id: UploadId,
      startedAt: Initiated,
    }));
    const next = JSON.stringify([page.NextKeyMarker, page.NextUploadIdMarker]);
    return page.IsTruncated ? { items, next } : { items };
  }

  async sign(
    name: string,
    { method, period }: { method: 'GET' | 'HEAD'; period: SignedPeriod },
  ): Promise<string> {
    const { bucket, region, credentials } = this.#client.options;
    const address = this.#options.redirectAddress;
    const wanted = {
      address,
      bucket,
      name,
      method,
      at: period.from,
      expiresInSeconds: period.seconds,
      credentials: await credentials.current(),
    };
    return region === undefined ? signUrlV1(wanted) : signUrlV4(wanted, signingRegion(region));
  }

  close(): void {
    const { http, https } = this.#client.options.agents;
    http.destroy();
    https.destroy();
  }

  get #client(): OssClient {
    return this.#options.client;
  }
}

function encryptionHeaders(encryption: OssStoreOptions['encryption']): Readonly<Record<string, string>> {
  if (encryption === undefined) return {};
  const { kmsKey } = encryption;
  if (kmsKey === undefined) return { 'x-oss-server-side-encryption': 'AES256' };
  return { 'x-oss-server-side-encryption': 'KMS', 'x-oss-server-side-encryption-key-id': kmsKey };
}

/** Adds a digest: the store refuses bytes that were damaged on the way. */
function body(bytes: Uint8Array, headers: Readonly<Record<string, string>>) {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    content,
    headers: { ...headers, 'Content-MD5': createHash('md5').update(content).digest('base64') },
  };
}

function etagOf({ headers }: Pick<OssAnswer, 'headers'>): string {
  const { etag } = headers;
  if (etag !== undefined) return bareEtag(etag);
  throw new OssFailure('answers without an ETag, not as OSS does', { status: 200, headers });
}
