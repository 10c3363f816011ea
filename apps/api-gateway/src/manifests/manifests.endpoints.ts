import { Injectable } from '@nestjs/common';
import { Bus, deleteManifest, getManifest, type ManifestPush, putManifest } from '@longshore/messaging';
import { OciError } from '@longshore/oci';
import { bytes, empty, Endpoint, type RegistryRequest, type Reply } from '@longshore/service-kit';
import { GatewaySettings } from '../gateway-settings.ts';
import { addressed } from './addressed.ts';
import { readManifest } from './read-manifest.ts';

/** Manifests over HTTP (distribution-spec end-3, end-7, end-9). manifest-service has the rules. */
@Injectable()
export class ManifestEndpoints {
  constructor(
    private readonly bus: Bus,
    private readonly settings: GatewaySettings,
  ) {}

  @Endpoint('manifest-get')
  async get(request: RegistryRequest): Promise<Reply> {
    const wanted = request.method !== 'HEAD';
    const at = addressed(request);
    // A client that pushes sends HEAD for a manifest that it will not send, or that an index which it will send lists.
    const pushing = !wanted && (await request.may('push', at.repository));
    const query = { ...at, payload: wanted, ...(pushing ? { pushing } : {}) };
    const pull = wanted && this.settings.announcesPulls ? { ...query, origin: request.origin } : query;
    const manifest = await this.bus.request(getManifest, pull);
    const etag = `"${manifest.digest}"`;
    const headers = { 'docker-content-digest': manifest.digest, etag, 'cache-control': 'no-cache' };
    if (request.knows(etag)) return empty(304, headers);
    const described = { ...headers, 'content-type': manifest.mediaType };
    return manifest.payload === undefined
      ? { status: 200, headers: { ...described, 'content-length': manifest.size } }
      : bytes(200, manifest.payload, described);
  }

  @Endpoint('manifest-put')
  async put(request: RegistryRequest): Promise<Reply> {
    const { repository, reference } = addressed(request);
    const tags = request.match.query.getAll('tag');
    if (tags.length > this.settings.maximumTagsPerPush) {
      throw new OciError(
        'TAG_INVALID',
        { reason: `at most ${this.settings.maximumTagsPerPush} tag parameters` },
        { status: 414 },
      );
    }
    const payload = await readManifest(request.body, this.settings.manifestBytes);
    const push: ManifestPush = {
      repository,
      reference,
      contentType: request.header('content-type') ?? '',
      payload,
      tags,
      origin: request.origin,
    };
    const fixedTags = await fixedTagsOf(request);
    const limits = fixedTags.length === 0 ? {} : { fixedTags };
    const pushed = await this.bus.request(putManifest, { ...push, ...limits, ...preconditions(request) });
    return empty(201, {
      // By digest, as in distribution: the manifest stays there when the tag moves.
      location: request.located(`/v2/${repository}/manifests/${pushed.digest}`),
      'docker-content-digest': pushed.digest,
      ...(pushed.subject === undefined ? {} : { 'oci-subject': pushed.subject }),
      ...(tags.length === 0 ? {} : { 'oci-tag': pushed.tags }),
    });
  }

  @Endpoint('manifest-delete')
  async delete(request: RegistryRequest): Promise<Reply> {
    if (!this.settings.deleteEnabled)
      throw new OciError('UNSUPPORTED', { reason: 'deletion is switched off (storage.delete.enabled)' });
    await this.bus.request(deleteManifest, { ...addressed(request), origin: request.origin });
    return empty(202);
  }
}

/**
 * Returns those tags of a push that the client may not move. Whether they exist is found out in the transaction of the push.
 * @throws OciError DENIED for a tag that it may not even create
 */
async function fixedTagsOf(request: RegistryRequest): Promise<string[]> {
  const { name = '', reference, query } = request.match;
  const tags = [...(reference?.kind === 'tag' ? [reference.tag] : []), ...query.getAll('tag')];
  const judged = await Promise.all(
    tags.map(async (tag) => {
      if (await request.may('overwrite', name, tag)) return [];
      if (await request.may('push', name, tag)) return [tag];
      throw new OciError('DENIED', { reason: 'the credentials do not allow pushing one of the tags' });
    }),
  );
  return judged.flat();
}

function preconditions(request: RegistryRequest): Pick<ManifestPush, 'ifMatch' | 'ifNoneMatch'> {
  const ifMatch = request.header('if-match');
  const ifNoneMatch = request.header('if-none-match');
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
  };
}
