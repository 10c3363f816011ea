import type { Configuration } from '@longshore/configuration';
import type { UntaggedPolicy } from '@longshore/metadata';

/** The garbage collector's slice of the configuration. */
export class CollectorSettings {
  /** False: nothing is collected (`gc.enabled`, or the registry is read-only). */
  readonly enabled: boolean;
  /** Nothing younger is collected. Seconds. */
  readonly grace: number;
  /** What becomes of manifests that were tagged or pulled once and are not referred to any more. */
  readonly untagged: UntaggedPolicy;
  /** How long an object outlives its row. Seconds. */
  readonly trashSeconds: number;
  /** The rest between two looks at an empty queue. Milliseconds. */
  readonly interval: number;
  readonly expiresUploads: boolean;
  /** How long an upload lives after its last progress. Seconds. */
  readonly uploadAge: number;
  /** How often the store is searched for what uploads left. Milliseconds. */
  readonly leftoversInterval: number;

  constructor({ gc, storage: { maintenance } }: Configuration) {
    this.enabled = gc.enabled && !maintenance.readonly.enabled;
    this.grace = gc.grace / 1000;
    this.untagged = gc.untagged.enabled ? { age: gc.untagged.age / 1000 } : 'keep';
    this.trashSeconds = gc.trashdelay / 1000;
    this.interval = gc.interval;
    this.expiresUploads = maintenance.uploadpurging.enabled && !maintenance.uploadpurging.dryrun;
    this.uploadAge = maintenance.uploadpurging.age / 1000;
    this.leftoversInterval = maintenance.uploadpurging.interval;
  }
}
