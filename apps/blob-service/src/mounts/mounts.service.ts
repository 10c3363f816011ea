import { Injectable } from '@nestjs/common';
import type { Origin } from '@longshore/messaging';
import { Database, mountBlob, repositoriesWithBlob } from '@longshore/metadata';
import type { Digest, RepositoryName } from '@longshore/oci';
import { Metrics, series } from '@longshore/telemetry';
import { BlobSettings } from '../blob-settings.ts';
import { BlobEvents } from '../events/blob-events.ts';

export interface Mount {
  readonly to: RepositoryName;
  /** Undefined means any repository that the caller may pull (distribution-spec end-11, automatic mount). */
  readonly from: RepositoryName | undefined;
  readonly digest: Digest;
  readonly mayPull: (name: RepositoryName) => boolean | Promise<boolean>;
}

/** Number of repositories that an automatic mount tries. */
const sourcesTried = 50;

/** Mounts a blob of one repository in another without moving a byte. */
@Injectable()
export class MountsService {
  readonly #mounts;

  constructor(
    private readonly database: Database,
    private readonly settings: BlobSettings,
    private readonly events: BlobEvents,
    metrics: Metrics,
  ) {
    this.#mounts = metrics.counter(series.mounts);
  }

  /** Mounts a blob and returns whether the target repository has it now. A blob that the caller may not pull is treated like an absent one. */
  async mount(mount: Mount, origin: Origin): Promise<boolean> {
    const mounted = await this.#mount(mount, origin);
    this.#mounts.inc({ outcome: mounted ? 'mounted' : 'declined' });
    return mounted;
  }

  async #mount({ to, from, digest, mayPull }: Mount, origin: Origin): Promise<boolean> {
    const { db } = this.database;
    const sources = from === undefined ? await repositoriesWithBlob(db, digest, sourcesTried) : [from];
    const pullable = await Promise.all(sources.map(async (name) => mayPull(name)));
    const readable = sources.filter((_, index) => pullable[index]);
    if (readable.length === 0) return false;
    const mounted = await mountBlob(db, {
      from: readable,
      to,
      digest,
      grace: this.settings.grace,
      events: (mount) => this.events.mounted({ repository: to, fromRepository: mount.from, digest }, origin),
    });
    return mounted !== undefined;
  }
}
