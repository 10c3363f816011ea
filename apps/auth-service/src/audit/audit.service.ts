import type { AuditReport } from '@longshore/messaging';
import { addAuditEntries, Database, pruneAudit } from '@longshore/metadata';
import { runLoop, ServiceLog } from '@longshore/service-kit';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AuthSettings } from '../auth-settings.ts';

/** Entries that one step deletes. */
const batch = 1000;
/** Milliseconds between two looks for old entries. */
const interval = 60_000;

/** Writes the audit log, and deletes entries that are older than `audit.retention`. Any number of replicas may do both. */
@Injectable()
export class AuditService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(
    private readonly settings: AuthSettings,
    private readonly database: Database,
    private readonly log: ServiceLog,
  ) {}

  onApplicationBootstrap(): void {
    const { auditRetention: retentionSeconds } = this.settings;
    if (retentionSeconds === 0) return;
    this.#loop = runLoop({
      step: async () => {
        const pruned = await pruneAudit(this.database.db, { retentionSeconds, batch });
        return pruned === batch ? 'worked' : 'idle';
      },
      interval,
      signal: this.#stop.signal,
      failed: (fault) => this.log.error(fault, 'old entries of the audit log could not be deleted'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** Resolves when the entries are durable. @throws OciError UNAVAILABLE */
  async record({ entries }: AuditReport): Promise<Record<string, never>> {
    await addAuditEntries(this.database.db, entries);
    return {};
  }
}
