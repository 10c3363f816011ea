import { announcesPulls, type Configuration, listeners } from '@longshore/configuration';
import { RedirectRules } from './redirects/redirect-rules.ts';

/** Blob-service's slice of the configuration. */
export class BlobSettings {
  readonly redirects: RedirectRules;
  readonly deleteEnabled: boolean;
  /** Whether whole blobs are hashed as they are served. */
  readonly verifiesPulls: boolean;
  /** Seconds for which an idle upload session lives. */
  readonly uploadAge: number;
  /** Seconds for which an unreferenced link is kept for a push that is under way. */
  readonly grace: number;
  /** Seconds for which an object outlives its row: longer than any lease, any signed URL, and any request that has already looked the object up. */
  readonly trashSeconds: number;
  /** Whether events are recorded, and whether those of pulls are. */
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
