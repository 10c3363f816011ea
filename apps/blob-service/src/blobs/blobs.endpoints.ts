import { Injectable } from '@nestjs/common';
import { type Digest, OciError, parseByteRange, type RepositoryName } from '@longshore/oci';
import { empty, Endpoint, type RegistryRequest, type Reply, stream } from '@longshore/service-kit';
import { BlobSettings } from '../blob-settings.ts';
import { BlobReader } from './blob-reader.ts';
import { BlobsService } from './blobs.service.ts';

/** Blobs over HTTP (distribution-spec end-2, end-10). */
@Injectable()
export class BlobEndpoints {
  constructor(
    private readonly blobs: BlobsService,
    private readonly reader: BlobReader,
    private readonly settings: BlobSettings,
  ) {}

  @Endpoint('blob-get')
  async get(request: RegistryRequest): Promise<Reply> {
    const { repository, digest } = addressed(request);
    const head = request.method === 'HEAD';
    const pushing = head && (await request.may('push', repository));
    const blob = pushing
      ? await this.blobs.findForPush(repository, digest)
      : await this.blobs.find(repository, digest);
    const etag = `"${digest}"`;
    const headers = {
      'docker-content-digest': digest,
      etag,
      'accept-ranges': 'bytes',
      'cache-control': 'max-age=31536000',
      'content-type': 'application/octet-stream',
    };
    if (request.knows(etag)) return empty(304, headers);
    if (!head) this.blobs.announcePull({ repository, digest, size: blob.size }, request.origin);
    const { addr: address, useragent: userAgent } = request.origin.request;
    const method = head ? 'HEAD' : 'GET';
    const redirect = await this.blobs.redirect(blob, { repository, method, address, userAgent });
    if (redirect !== undefined) return empty(307, { 'docker-content-digest': digest, location: redirect });
    if (head) return { status: 200, headers: { ...headers, 'content-length': blob.size } };
    const range = parseByteRange(rangeHeader(request, etag), blob.size);
    const body = await this.reader.read({ repository, digest }, blob, range);
    if (range === undefined) return stream(200, body, { ...headers, 'content-length': blob.size });
    const { start, end } = range;
    return stream(206, body, {
      ...headers,
      'content-length': end - start + 1,
      'content-range': `bytes ${start}-${end}/${blob.size}`,
    });
  }

  @Endpoint('blob-delete')
  async delete(request: RegistryRequest): Promise<Reply> {
    if (!this.settings.deleteEnabled)
      throw new OciError('UNSUPPORTED', { reason: 'deletion is switched off (storage.delete.enabled)' });
    const { repository, digest } = addressed(request);
    await this.blobs.delete(repository, digest, request.origin);
    return empty(202);
  }
}

/** Returns the Range header. A Range that is conditional on another version of the blob counts as none (RFC 9110 §13.1.5). */
function rangeHeader(request: RegistryRequest, etag: string): string | undefined {
  const condition = request.header('if-range');
  return condition === undefined || condition === etag ? request.header('range') : undefined;
}

function addressed({ match }: RegistryRequest): { repository: RepositoryName; digest: Digest } {
  if (match.name === undefined || match.digest === undefined)
    throw new Error(`the route ${match.id} names no blob`);
  return { repository: match.name, digest: match.digest };
}
