import type { Configuration } from '@longshore/configuration';
import type { UntaggedPolicy } from '@longshore/metadata';

/** The part of the configuration that the garbage collector uses. */
export class CollectorSettings {
  /** False if nothing is collected: `gc.enabled` is off, or the registry is read-only. */
  readonly enabled: boolean;
  /** Seconds. Younger content is not collected. */
  readonly grace: number;
  /** The policy for unreferenced manifests that were tagged or pulled once. */
  readonly untagged: UntaggedPolicy;
  /** Seconds that an object outlives its row. */
  readonly trashSeconds: number;
  /** Milliseconds between two checks of an empty queue. */
  readonly interval: number;
  readonly expiresUploads: boolean;
  /** Seconds that an upload lives after its last progress. */
  readonly uploadAge: number;
  /** Milliseconds between two searches of the store for leftovers of uploads. */
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
