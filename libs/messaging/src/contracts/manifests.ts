import { defineRequest } from '../request.ts';
import type { Origin } from './registry-event.ts';

export interface ManifestQuery {
  readonly repository: string;
  /** A tag or a digest, as text. */
  readonly reference: string;
  /** False for HEAD: the payload is not sent. */
  readonly payload: boolean;
  /** True for a HEAD by a client that may push: a manifest that it finds stays until the index that lists it is pushed. */
  readonly pushing?: boolean;
  /** Present if the pull should be announced. Absent for HEAD. */
  readonly origin?: Origin;
}

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly payload?: Uint8Array;
}

/** Rejects with MANIFEST_UNKNOWN, even if the repository is unknown. */
export const getManifest = defineRequest<ManifestQuery, StoredManifest>({
  subject: 'manifests.get',
  servedBy: 'manifest-service',
  askedBy: ['api-gateway'],
  deadlineMs: 10_000,
  lookup: true,
});

export interface ManifestPush {
  readonly repository: string;
  readonly reference: string;
  readonly contentType: string;
  readonly payload: Uint8Array;
  /** `?tag=` parameters (distribution-spec end-7b). */
  readonly tags: readonly string[];
  /** Those of its tags that the client may create, and not move. Absent: none. */
  readonly fixedTags?: readonly string[];
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly origin: Origin;
}

export interface PushedManifest {
  readonly digest: string;
  readonly subject?: string;
  readonly tags: readonly string[];
}

export const putManifest = defineRequest<ManifestPush, PushedManifest>({
  subject: 'manifests.put',
  servedBy: 'manifest-service',
  askedBy: ['api-gateway'],
  deadlineMs: 30_000,
});

export interface ManifestRemoval {
  readonly repository: string;
  readonly reference: string;
  readonly origin: Origin;
}

export const deleteManifest = defineRequest<ManifestRemoval, { readonly deleted: true }>({
  subject: 'manifests.delete',
  servedBy: 'manifest-service',
  askedBy: ['api-gateway'],
  deadlineMs: 30_000,
});
