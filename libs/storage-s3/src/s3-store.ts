import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { ConditionalPuts } from './conditional-puts.ts';
import { statusOf } from './s3-errors.ts';
import { type S3Clients, s3Clients } from './s3-client.ts';
import type { S3Parameters } from './s3-parameters.ts';
import { type CustomerKey, customerKey, type WriteSettings, writeSettings } from './s3-write-settings.ts';
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

/** A bucket of S3, or of a service that speaks its protocol (AWS, "Amazon S3 API Reference", 2006-03-01). */
export class S3Store implements MultipartStore {
  readonly minimumPart = 5 * 1024 * 1024;
  readonly signs: boolean;
  readonly #clients: S3Clients;
  readonly #bucket: string;
  readonly #settings: WriteSettings;
  readonly #customerKey: CustomerKey;
  readonly #conditions = new ConditionalPuts();

  constructor(parameters: S3Parameters) {
    this.#clients = s3Clients(parameters);
    this.#bucket = parameters.bucket;
    this.#settings = writeSettings(parameters);
    this.#customerKey = customerKey(parameters);
    // With a customer key the client would have to send the key.
    this.signs = parameters.ssecustomerkey === undefined;
  }

  async head(name: string, signal?: AbortSignal): Promise<FoundObject> {
    const command = new HeadObjectCommand({ ...this.#object(name), ...this.#customerKey });
    const { ContentLength, LastModified, ETag } = await this.#clients.client.send(command, options(signal));
    return {
      size: known(ContentLength, 'Content-Length'),
      modifiedAt: known(LastModified, 'Last-Modified'),
      etag: bare(ETag),
    };
  }

  async get(name: string, { start = 0, end, etag }: GetRange, signal?: AbortSignal): Promise<OpenedObject> {
    const range = start === 0 && end === undefined ? undefined : `bytes=${start}-${end ?? ''}`;
    const command = new GetObjectCommand({
      ...this.#object(name),
      ...this.#customerKey,
      ...(range === undefined ? {} : { Range: range }),
      ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
    });
    const answer = await this.#clients.client.send(command, options(signal)).catch((error: unknown) => {
      if (statusOf(error) !== 412) throw error;
      const reason = 'the object was replaced while it was read';
      throw new StorageError('corrupt', { driver: 's3', key: name, reason, cause: error });
    });
    const { Body, ContentRange, ContentLength, ETag } = answer;
    if (!(Body instanceof Readable)) throw new Error('the answer has no body');
    return {
      body: Body,
      size: sizeOf(ContentRange) ?? known(ContentLength, 'Content-Length'),
      etag: bare(ETag),
    };
  }

  async put(
    name: string,
    bytes: Uint8Array,
    { onlyIfAbsent }: { onlyIfAbsent: boolean },
    signal?: AbortSignal,
  ): Promise<{ etag: string } | 'exists'> {
    if (!onlyIfAbsent) return this.#put(name, bytes, {}, signal);
    return this.#conditions.put(() => this.#put(name, bytes, { IfNoneMatch: '*' }, signal));
  }

  async delete(names: readonly string[]): Promise<readonly { name: string; error: unknown }[]> {
    const [only] = names;
    if (only === undefined) return [];
    if (names.length === 1) return this.#deleteOne(only);
    const command = new DeleteObjectsCommand({
      Bucket: this.#bucket,
      Delete: { Objects: names.map((Key) => ({ Key })), Quiet: true },
    });
    const { Errors = [] } = await this.#clients.client.send(command);
    return Errors.flatMap(({ Key, Code = '', Message }) =>
      Key === undefined || Code === 'NoSuchKey'
        ? []
        : [{ name: Key, error: Object.assign(new Error(Message), { name: Code }) }],
    );
  }

  async list(prefix: string, startAfter: string, signal?: AbortSignal): Promise<Page<StoredObject>> {
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: prefix,
      // Other objects in the bucket may have names that XML cannot contain.
      EncodingType: 'url',
      ...(startAfter === '' ? {} : { StartAfter: startAfter }),
    });
    const answer = await this.#clients.client.send(command, options(signal));
    const { Contents = [], IsTruncated, EncodingType } = answer;
    const items = Contents.map(({ Key, Size, LastModified }) => ({
      name: decoded(known(Key, 'Key'), EncodingType),
      size: known(Size, 'Size'),
      modifiedAt: known(LastModified, 'LastModified'),
    }));
    return { items, ...(IsTruncated === true ? { next: items.at(-1)?.name } : {}) };
  }

  async begin(name: string, signal?: AbortSignal): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      ...this.#object(name),
      ...this.#settings,
      ...this.#customerKey,
      ContentType: 'application/octet-stream',
    });
    const { UploadId } = await this.#clients.client.send(command, options(signal));
    return known(UploadId, 'UploadId');
  }

  async putPart(
    { name, id, number }: { name: string; id: string; number: number },
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<string> {
    const command = new UploadPartCommand({
      ...this.#object(name),
      ...this.#customerKey,
      UploadId: id,
      PartNumber: number,
      Body: bytes,
      ContentLength: bytes.byteLength,
    });
    const { ETag } = await this.#clients.client.send(command, options(signal));
    return bare(ETag);
  }

  async parts({ name, id }: { name: string; id: string }, behind: number): Promise<readonly UploadedPart[]> {
    const command = new ListPartsCommand({
      ...this.#object(name),
      ...this.#customerKey,
      UploadId: id,
      ...(behind === 0 ? {} : { PartNumberMarker: String(behind) }),
    });
    const { Parts = [] } = await this.#clients.client.send(command);
    return Parts.map(({ PartNumber, ETag }) => ({
      number: known(PartNumber, 'PartNumber'),
      etag: bare(ETag),
    }));
  }

  async complete({ name, id }: { name: string; id: string }, parts: readonly UploadedPart[]): Promise<void> {
    const command = new CompleteMultipartUploadCommand({
      ...this.#object(name),
      ...this.#customerKey,
      UploadId: id,
      MultipartUpload: {
        Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: `"${etag}"` })),
      },
    });
    const { ETag } = await this.#clients.patient.send(command);
    // S3 sends the status 200 at once; a failure may follow in the body.
    known(ETag, 'ETag');
  }

  async abort({ name, id }: { name: string; id: string }): Promise<void> {
    const command = new AbortMultipartUploadCommand({ ...this.#object(name), UploadId: id });
    await this.#clients.client.send(command).catch(unlessGone);
  }

  async uploads(prefix: string, from?: string): Promise<Page<OpenUpload>> {
    const command = new ListMultipartUploadsCommand({
      Bucket: this.#bucket,
      Prefix: prefix,
      // Without UploadIdMarker, which versitygw refuses. It would only add more uploads of a name that is already listed.
      ...(from === undefined ? {} : { KeyMarker: from }),
    });
    const { Uploads = [], IsTruncated } = await this.#clients.client.send(command);
    const items = Uploads.map(({ Key, UploadId, Initiated }) => ({
      name: known(Key, 'Key'),
      id: known(UploadId, 'UploadId'),
      startedAt: known(Initiated, 'Initiated'),
    }));
    return { items, ...(IsTruncated === true ? { next: items.at(-1)?.name } : {}) };
  }

  sign(name: string, { method, period }: { method: 'GET' | 'HEAD'; period: SignedPeriod }): Promise<string> {
    const { signer } = this.#clients;
    const signing = { signingDate: period.from, expiresIn: period.seconds };
    return method === 'GET'
      ? getSignedUrl(signer, new GetObjectCommand(this.#object(name)), signing)
      : getSignedUrl(signer, new HeadObjectCommand(this.#object(name)), signing);
  }

  close(): void {
    this.#clients.client.destroy();
    this.#clients.patient.destroy();
    this.#clients.signer.destroy();
  }

  async #put(
    name: string,
    bytes: Uint8Array,
    condition: { IfNoneMatch?: '*' },
    signal: AbortSignal | undefined,
  ): Promise<{ etag: string }> {
    const command = new PutObjectCommand({
      ...this.#object(name),
      ...this.#settings,
      ...this.#customerKey,
      ...condition,
      Body: bytes,
      ContentLength: bytes.byteLength,
      ContentType: 'application/octet-stream',
    });
    const { ETag } = await this.#clients.client.send(command, options(signal));
    return { etag: bare(ETag) };
  }

  async #deleteOne(name: string): Promise<readonly { name: string; error: unknown }[]> {
    await this.#clients.client.send(new DeleteObjectCommand(this.#object(name))).catch(unlessGone);
    return [];
  }

  #object(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: name };
  }
}

function options(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** @throws Error if a service leaves out a field that S3 promises */
function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the answer has no ${name}`);
  return value;
}

function bare(etag: string | undefined): string {
  return known(etag, 'ETag').replaceAll('"', '');
}

/** Returns the size of the whole object from `bytes 0-9/100`. */
function sizeOf(contentRange: string | undefined): number | undefined {
  const size = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
  return size === undefined ? undefined : Number(size);
}

function decoded(name: string, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent(name.replaceAll('+', ' ')) : name;
}

/** A missing key counts as deleted; a missing bucket is an error. */
function unlessGone(error: unknown): void {
  const isGone = error instanceof Error && ['NoSuchKey', 'NoSuchUpload', 'NotFound'].includes(error.name);
  if (!isGone) throw error;
}
