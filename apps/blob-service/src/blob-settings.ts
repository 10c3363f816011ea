import { announcesPulls, type Configuration, listeners } from '@longshore/configuration';
import { RedirectRules } from './redirects/redirect-rules.ts';

/** Blob-service's slice of the configuration. */
export class BlobSettings {
  readonly redirects: RedirectRules;
  readonly deleteEnabled: boolean;
  /** Whether whole blobs are hashed as they are served. */
  readonly verifiesPulls: boolean;
  /** How long an idle upload session lives. Seconds. */
  readonly uploadAge: number;
  /** Seconds that an unreferenced link is kept for a push under way. */
  readonly grace: number;
  /** How long an object outlives its row: longer than any lease, signed URL or location in a reader's hand. Seconds. */
  readonly trashSeconds: number;
  /** Whether events are recorded at all, and those of pulls. */
  readonly announces: boolean;
  readonly announcesPulls: boolean;

  constructor({ storage, gc, notifications }: Configuration) {
    this.redirects = new RedirectRules(storage.redirect);
    this.deleteEnabled = storage.delete.enabled;
    this.verifiesPulls = storage.verify.pulls;
    this.uploadAge = storage.maintenance.uploadpurging.age / 1000;
    this.grace = gc.grace / 1000;
    this.trashSeconds = gc.trashdelay / 1000;
    this.announces = listeners(notifications).length > 0;
    this.announcesPulls = announcesPulls(notifications);
  }
}
