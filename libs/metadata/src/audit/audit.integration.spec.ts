import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '@longshore/authorization';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { addAuditEntries, auditPage, pruneAudit } from './audit.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());
beforeEach(() => db.deleteFrom('audit_log').execute());

const now = Date.now();
const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  id: randomUUID(),
  at: now,
  action: 'manifest-put',
  outcome: 'done',
  status: 201,
  actorKind: 'user',
  actor: 'ann',
  credentialKind: 'password',
  repository: 'team/app',
  reference: 'latest',
  address: '192.0.2.1',
  userAgent: 'docker/29 "quoted" \\ é',
  requestId: 'request-1',
  service: 'api-gateway',
  times: 1,
  ...more,
});

const page = async (filter: Parameters<typeof auditPage>[1] = { limit: 100 }) => auditPage(db, filter);

describe('the audit log', () => {
  it('gives back what was written, and an entry that arrives twice once', async () => {
    const entries = [
      entry({ before: { digest: 'a' }, after: { digest: 'b' }, credentialId: 'jti-1' }),
      entry({ at: now - 1, outcome: 'denied', code: 'DENIED', status: 403, times: 7 }),
    ];
    await addAuditEntries(db, entries);
    await addAuditEntries(db, entries);
    expect((await page()).items).toEqual(entries);
  });

  it('lists by time, actor and repository, page by page', async () => {
    const entries = Array.from({ length: 5 }, (_, index) => entry({ at: now - index * 1000 }));
    const others = [entry({ actor: 'bob' }), entry({ repository: 'other/app' })];
    await addAuditEntries(db, [...entries, ...others]);
    const mine = { actor: 'ann', repository: 'team/app' };
    const first = await page({ ...mine, limit: 2 });
    expect(first).toEqual({ items: entries.slice(0, 2), more: true });
    const last = first.items.at(-1);
    const before = last && { at: new Date(last.at), id: last.id };
    expect(await page({ ...mine, limit: 9, before })).toEqual({ items: entries.slice(2), more: false });
    const since = new Date(now - 1000);
    expect((await page({ ...mine, since, limit: 9 })).items).toEqual(entries.slice(0, 2));
    expect((await page({ ...mine, until: since, limit: 9 })).items).toEqual(entries.slice(2));
  });

  it('prunes the oldest entries in bounded batches', async () => {
    const old = Array.from({ length: 5 }, (_, index) => entry({ at: now - 100_000 - index }));
    const young = entry();
    await addAuditEntries(db, [...old, young]);
    const prune = () => pruneAudit(db, { retentionSeconds: 60, batch: 3 });
    expect([await prune(), await prune(), await prune()]).toEqual([3, 2, 0]);
    expect((await page()).items).toEqual([young]);
  });
});
