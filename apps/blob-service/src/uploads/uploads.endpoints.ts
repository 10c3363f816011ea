import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  type Digest,
  digestAlgorithm,
  OciError,
  parseContentRange,
  parseDigest,
  type RepositoryName,
} from '@longshore/oci';
import { empty, Endpoint, type RegistryRequest, type Reply } from '@longshore/service-kit';
import { StorageDriver } from '@longshore/storage';
import { MountsService } from '../mounts/mounts.service.ts';
import { wantedMount, type WantedMount } from '../mounts/wanted-mount.ts';
import {
  type Chunk,
  type Progress,
  rangeHeaders,
  type SessionName,
  UploadsService,
} from './uploads.service.ts';

/** Pushes of blobs over HTTP (distribution-spec end-4 to end-6, end-11, end-13, end-14). */
@Injectable()
export class UploadEndpoints {
  constructor(
    private readonly uploads: UploadsService,
    private readonly mounts: MountsService,
    private readonly driver: StorageDriver,
  ) {}

  @Endpoint('upload-start')
  async start(request: RegistryRequest): Promise<Reply> {
    const name = repositoryOf(request);
    const { query } = request.match;
    algorithmOf(query);
    const mount = wantedMount(query);
    if (mount !== undefined && (await this.#mount(request, mount)))
      return this.#created(request, mount.digest);
    const digest = query.get('digest');
    const session = { id: randomUUID(), repository: name, subject: request.identity.subject };
    if (digest === null || query.has('mount'))
      return this.#accepted(request, await this.uploads.start(session));
    const wanted = parseDigest(digest);
    await this.uploads.start(session);
    await this.uploads.finish(session, wanted, { chunk: chunkOf(request), origin: request.origin });
    return this.#created(request, wanted);
  }

  @Endpoint('upload-status')
  async status(request: RegistryRequest): Promise<Reply> {
    const progress = await this.uploads.status(sessionOf(request));
    return empty(204, progressHeaders(request, progress));
  }

  @Endpoint('upload-patch')
  async patch(request: RegistryRequest): Promise<Reply> {
    const chunk = chunkOf(request);
    try {
      return this.#accepted(request, await this.uploads.append(sessionOf(request), chunk));
    } catch (error) {
      throw located(request, error);
    }
  }

  @Endpoint('upload-put')
  async put(request: RegistryRequest): Promise<Reply> {
    const digest = request.match.query.get('digest');
    if (digest === null) throw new OciError('DIGEST_INVALID', { reason: 'the digest parameter is missing' });
    const wanted = parseDigest(digest);
    const chunk =
      request.hasBody || request.header('content-range') !== undefined ? chunkOf(request) : undefined;
    try {
      await this.uploads.finish(sessionOf(request), wanted, { chunk, origin: request.origin });
    } catch (error) {
      throw located(request, error);
    }
    return this.#created(request, wanted);
  }

  @Endpoint('upload-cancel')
  async cancel(request: RegistryRequest): Promise<Reply> {
    await this.uploads.cancel(sessionOf(request));
    return empty(204);
  }

  #mount(request: RegistryRequest, { digest, from }: WantedMount): Promise<boolean> {
    const mayPull = (name: string): boolean | Promise<boolean> => request.may('pull', name);
    return this.mounts.mount({ to: repositoryOf(request), from, digest, mayPull }, request.origin);
  }

  #accepted(request: RegistryRequest, progress: Progress): Reply {
    const { minimumChunk } = this.driver.capabilities;
    const minimum = minimumChunk > 1 ? { 'oci-chunk-min-length': minimumChunk } : {};
    return empty(202, { ...progressHeaders(request, progress), ...minimum });
  }

  #created(request: RegistryRequest, digest: Digest): Reply {
    return empty(201, {
      location: request.located(`/v2/${repositoryOf(request)}/blobs/${digest}`),
      'docker-content-digest': digest,
    });
  }
}

function progressHeaders(request: RegistryRequest, progress: Progress): Record<string, string> {
  return { location: locationOf(request, progress.id), ...rangeHeaders(progress) };
}

function locationOf(request: RegistryRequest, id: string): string {
  return request.located(`/v2/${repositoryOf(request)}/blobs/uploads/${id}`);
}

/** Adds the session's URL to a refusal: a refused chunk leaves the session open. */
function located(request: RegistryRequest, error: unknown): unknown {
  if (!(error instanceof OciError) || error.code !== 'RANGE_INVALID') return error;
  const headers = { ...error.headers, location: locationOf(request, request.match.uploadId ?? '') };
  return new OciError('RANGE_INVALID', error.entries[0]?.detail, { headers, cause: error });
}

function repositoryOf({ match }: RegistryRequest): RepositoryName {
  if (match.name === undefined) throw new Error(`the route ${match.id} names no repository`);
  return match.name;
}

function sessionOf(request: RegistryRequest): SessionName {
  return {
    id: request.match.uploadId ?? '',
    repository: repositoryOf(request),
    subject: request.identity.subject,
  };
}

function chunkOf(request: RegistryRequest): Chunk {
  const contentRange = request.header('content-range');
  const range = contentRange === undefined ? undefined : parseContentRange(contentRange);
  const { contentLength, match } = request;
  if (range !== undefined && contentLength !== undefined && contentLength !== range.end - range.start + 1) {
    throw new OciError('SIZE_INVALID', {
      reason: 'Content-Length and Content-Range differ',
      contentLength,
      contentRange,
    });
  }
  return { source: request.body, range, algorithm: algorithmOf(match.query), signal: request.signal };
}

/**
 * Returns the algorithm of the digest that the client will send at the end, if it says so. @throws OciError DIGEST_INVALID for an unknown algorithm
 */
function algorithmOf(query: URLSearchParams): 'sha256' | 'sha512' {
  const digest = query.get('digest');
  const algorithm =
    digest === null ? (query.get('digest-algorithm') ?? 'sha256') : digestAlgorithm(parseDigest(digest));
  if (algorithm !== 'sha256' && algorithm !== 'sha512') {
    throw new OciError('DIGEST_INVALID', {
      reason: 'the digest algorithm is not supported',
      algorithm: algorithm.slice(0, 64),
    });
  }
  return algorithm;
}
