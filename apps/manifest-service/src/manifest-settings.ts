import { type Configuration, type LinearPattern, listeners } from '@longshore/configuration';
import type { ManifestLimits } from '@longshore/oci';

/** A URL is allowed if it matches an expression of `allow` (or `allow` is empty) and none of `deny`. */
export interface UrlRules {
  readonly allow: readonly LinearPattern[];
  readonly deny: readonly LinearPattern[];
}

/** The part of the configuration that manifest-service uses. */
export class ManifestSettings {
  /** Seconds that an unreferenced manifest is kept at least. */
  readonly grace: number;
  /**
   * Milliseconds. `interval`: between two writes of recorded pulls. `resolution`: a recorded pull may be older than the
   * manifest's last pull by this much. Both are short if manifests are collected soon.
   */
  readonly pulls: { readonly interval: number; readonly resolution: number };
  readonly limits: Required<ManifestLimits>;
  /** `all`: every blob of a manifest must exist before the push. `some`: blobs may come later. */
  readonly requiredBlobs: 'all' | 'some';
  /** The children of an index that must exist before the push. */
  readonly indexPlatforms:
    | 'all'
    | 'none'
    | readonly { readonly os?: string | undefined; readonly architecture?: string | undefined }[];
  /** Rules for the `urls` of layers. Undefined if they are not checked. */
  readonly urls: UrlRules | undefined;
  readonly maximumTags: number;
  readonly maximumReferrers = 1000;
  /** Bytes in one page of referrers, unless its first referrer is larger. Clients of ORAS read 4 MiB. */
  readonly referrersBytes = 2 * 1024 * 1024;
  readonly announces: boolean;
  readonly includeReferences: boolean;

  constructor({ gc, validation, tags, notifications }: Configuration) {
    const { urls, blobs, indexes, ...manifests } = validation.manifests;
    this.grace = gc.grace / 1000;
    const age = gc.untagged.enabled ? gc.untagged.age : Infinity;
    this.pulls = {
      interval: Math.min(6_000, gc.grace / 4, age / 4),
      resolution: Math.min(3_600_000, age / 4),
    };
    this.limits = {
      references: manifests.referencelimit,
      annotations: manifests.annotationlimit,
      mediaTypes: manifests.mediatypes,
    };
    this.requiredBlobs = blobs === 'all' ? 'all' : 'some';
    this.indexPlatforms = indexes.platforms === 'list' ? indexes.platformlist : indexes.platforms;
    this.urls = validation.disabled ? undefined : urls;
    this.maximumTags = tags.maxtags;
    this.announces = listeners(notifications).length > 0;
    this.includeReferences = notifications.events.includereferences;
  }
}
