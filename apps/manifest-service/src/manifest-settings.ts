import { type Configuration, type LinearPattern, listeners } from '@longshore/configuration';
import type { ManifestLimits } from '@longshore/oci';

/** A URL is allowed when one expression of `allow` matches (or it is empty) and none of `deny` does. */
export interface UrlRules {
  readonly allow: readonly LinearPattern[];
  readonly deny: readonly LinearPattern[];
}

/** Manifest-service's slice of the configuration. */
export class ManifestSettings {
  /** Seconds that an unreferenced manifest is kept at least. */
  readonly grace: number;
  /**
   * Milliseconds between two writes of what was pulled, and by how much the last pull of a manifest may be younger than the one
   * written down. Both are short where manifests are collected soon.
   */
  readonly pulls: { readonly interval: number; readonly resolution: number };
  readonly limits: Required<ManifestLimits>;
  /** Whether all blobs of a manifest must be there before it is accepted, or some may come later. */
  readonly requiredBlobs: 'all' | 'some';
  /** Which children of an index must be there before it is accepted. */
  readonly indexPlatforms:
    | 'all'
    | 'none'
    | readonly { readonly os?: string | undefined; readonly architecture?: string | undefined }[];
  /** What the `urls` of layers may be; undefined when they are not looked at. */
  readonly urls: UrlRules | undefined;
  readonly maximumTags: number;
  readonly maximumReferrers = 1000;
  /** Of one page of referrers, unless the first alone is larger. Clients of ORAS read 4 MiB. */
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
