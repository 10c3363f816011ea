import { Injectable } from '@nestjs/common';
import type { ManifestPush, ManifestRemoval, PushedManifest } from '@longshore/messaging';
import { Database, deleteManifest, deleteTag, putManifest, type PutCondition } from '@longshore/metadata';
import {
  type Digest,
  isDigest,
  OciError,
  type ParsedManifest,
  parseReference,
  parseRepositoryName,
  type RepositoryName,
} from '@longshore/oci';
import { Metrics, series } from '@longshore/telemetry';
import { ManifestEvents } from './manifest-events.ts';
import { ManifestSettings } from '../manifest-settings.ts';
import { ManifestParser } from './manifest-parser.ts';
import { type Filing, filingOf, refuseForbiddenUrls, requiredChildren } from './push-rules.ts';

/** The rules of manifests and tags (distribution-spec end-3, end-7, end-9). Payloads are stored and returned byte for byte. */
@Injectable()
export class ManifestsService {
  readonly #pushes;
  readonly #bytes;
  readonly #deletions;

  // oxlint-disable-next-line max-params -- Nest injects these; nobody writes the call
  constructor(
    private readonly database: Database,
    private readonly settings: ManifestSettings,
    private readonly events: ManifestEvents,
    private readonly parser: ManifestParser,
    metrics: Metrics,
  ) {
    this.#pushes = metrics.counter(series.manifestPushes);
    this.#bytes = metrics.counter(series.manifestBytes);
    this.#deletions = metrics.counter(series.manifestDeletions);
  }

  /** @throws OciError MANIFEST_INVALID, DIGEST_INVALID, TAG_INVALID, MANIFEST_BLOB_UNKNOWN (each missing digest), PRECONDITION_FAILED */
  async put(push: ManifestPush): Promise<PushedManifest> {
    const repository = parseRepositoryName(push.repository);
    const manifest = await this.parser.parse(push.payload, push.contentType);
    const filing = filingOf(push.reference, push.tags, push.payload);
    refuseForbiddenUrls(manifest, this.settings);
    const required = new Set(requiredChildren(manifest, this.settings));
    const outcome = await putManifest(this.database.db, {
      repository,
      digest: filing.digest,
      mediaType: manifest.mediaType,
      artifactType: manifest.artifactType,
      subject: manifest.subject?.digest,
      annotations: manifest.annotations,
      payload: push.payload,
      blobs: manifest.requiredBlobs,
      optionalBlobs: manifest.optionalBlobs,
      requiredBlobs: this.settings.requiredBlobs,
      children: manifest.children.map((digest) => ({ digest, required: required.has(digest) })),
      tags: filing.tags,
      fixedTags: filing.tags.filter((tag) => push.fixedTags?.includes(tag)),
      condition: conditionOf(push, filing),
      grace: this.settings.grace,
      events: () =>
        this.events.pushed({ repository, filing, manifest, size: push.payload.byteLength }, push.origin),
    });
    this.#pushes.inc({ outcome: outcome.kind === 'missing' ? 'incomplete' : outcome.kind });
    if (outcome.kind === 'missing') throw missingReferences([...outcome.blobs, ...outcome.children]);
    if (outcome.kind === 'precondition-failed')
      throw new OciError('PRECONDITION_FAILED', { reference: push.reference });
    if (outcome.kind === 'tag-fixed')
      throw new OciError('DENIED', {
        reason: `the tag ${outcome.tag} exists, and the credentials do not allow moving it`,
      });
    this.#bytes.inc(push.payload.byteLength);
    return pushed(filing, manifest);
  }

  /** @throws OciError NAME_UNKNOWN or MANIFEST_UNKNOWN; UNSUPPORTED (405) for a manifest that an index lists */
  async delete({
    repository: name,
    reference: text,
    origin,
  }: ManifestRemoval): Promise<{ readonly deleted: true }> {
    const repository = parseRepositoryName(name);
    const reference = parseReference(text);
    if (reference.kind === 'tag') {
      const events = () => this.events.deleted({ repository, tag: reference.tag }, origin);
      const outcome = await deleteTag(this.database.db, {
        repository,
        tag: reference.tag,
        grace: this.settings.grace,
        events,
      });
      if (outcome.kind !== 'deleted') throw unknown(outcome.kind, { name, reference: text });
    } else {
      await this.#deleteByDigest(repository, reference.digest, origin);
    }
    this.#deletions.inc({ what: reference.kind === 'tag' ? 'tag' : 'manifest' });
    return { deleted: true };
  }

  async #deleteByDigest(
    repository: RepositoryName,
    digest: Digest,
    origin: ManifestRemoval['origin'],
  ): Promise<void> {
    const events = () => this.events.deleted({ repository, digest }, origin);
    const outcome = await deleteManifest(this.database.db, {
      repository,
      digest,
      childOfIndex: 'refuse',
      grace: this.settings.grace,
      events,
    });
    if (outcome.kind === 'child-of-index')
      throw new OciError('UNSUPPORTED', {
        digest,
        reason: 'an index of the repository lists the manifest; delete the index first',
      });
    if (outcome.kind !== 'deleted') throw unknown(outcome.kind, { name: repository, reference: digest });
  }
}

function pushed({ digest, tags }: Filing, { subject }: ParsedManifest): PushedManifest {
  return { digest, tags, ...(subject === undefined ? {} : { subject: subject.digest }) };
}

function unknown(what: string, { name, reference }: { name: string; reference: string }): OciError {
  return what === 'repository-unknown'
    ? new OciError('NAME_UNKNOWN', { name })
    : new OciError('MANIFEST_UNKNOWN', { reference });
}

function missingReferences(digests: readonly Digest[]): OciError {
  return OciError.listing(
    'MANIFEST_BLOB_UNKNOWN',
    digests.map((digest) => ({ digest })),
  );
}

/** RFC 9110 §13: `If-Match` with the tag's digest makes the push of a tag a compare-and-swap. */
function conditionOf({ ifMatch, ifNoneMatch }: ManifestPush, { tags }: Filing): PutCondition | undefined {
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
  return {
    tag: tags[0],
    ...(ifMatch === undefined ? {} : { ifMatch: entityTags(ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: entityTags(ifNoneMatch) }),
  };
}

function entityTags(header: string): readonly Digest[] | 'any' {
  if (header.trim() === '*') return 'any';
  return header
    .split(',')
    .map((tag) => tag.trim().replaceAll('"', ''))
    .filter(isDigest);
}
