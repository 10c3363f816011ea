import { digestFromBytes, parseRepositoryName, type Digest, type RepositoryName } from '@longshore/oci';
import {
  lockListing,
  lockManifestForReview,
  lockSubject,
  selectManifest,
  selectManifestIsNeeded,
  selectManifestIsThere,
} from '../manifests/manifests.queries.ts';
import { removeManifest } from '../manifests/remove-manifest.ts';
import { addEvents, type EventsOf } from '../outbox/outbox.ts';
import { selectRepositoryName } from '../repositories/repositories.queries.ts';
import { transact, type Db, type Tx } from '../transact.ts';
import { idle, kept, postponed, untilReleased, untilStale, type ReviewOutcome } from './review.ts';
import { claimManifestReview, dequeueManifestReview, postponeManifestReview } from './reviews.queries.ts';

export interface CollectedManifest {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
}

export interface ReviewManifest {
  /** Seconds that a manifest without tag, parent or subject is kept after its last push. */
  readonly grace: number;
  readonly events?: EventsOf<CollectedManifest>;
}

interface Reviewed {
  readonly id: number;
  readonly repository_id: number;
  readonly digest: Buffer;
  readonly subject_digest: Buffer | null;
  readonly media_type: string;
  readonly size: number;
  readonly fresh: boolean;
  readonly fresh_seconds: number;
}

/** Claims one due review of a manifest. Kept: tagged, a child of an index (one that came later too), or the referrer of a live subject. */
export async function reviewManifest(db: Db, input: ReviewManifest): Promise<ReviewOutcome> {
  return transact<ReviewOutcome>(db, async (tx) => {
    const { rows } = await claimManifestReview.execute(tx);
    const id = rows[0]?.manifest_id;
    if (id === undefined) return idle;
    const row = await lockManifestForReview(tx, id, input.grace).executeTakeFirst();
    const verdict =
      row === undefined ? await judgeUnlocked(tx, id, input.grace) : await judge(tx, row, input.grace);
    if (verdict.kind === 'postpone') {
      await postponeManifestReview(id, verdict.seconds).execute(tx);
      return postponed;
    }
    if (verdict.kind === 'remove' && row !== undefined) await collect(tx, row, input);
    await dequeueManifestReview(id).execute(tx);
    return verdict.kind === 'remove' && row !== undefined ? { kind: 'removed', size: row.size } : kept;
  });
}

type Verdict =
  | { readonly kind: 'keep' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'postpone'; readonly seconds: number };

/** Somebody holds the row, or it has gone. */
async function judgeUnlocked(tx: Tx, id: number, grace: number): Promise<Verdict> {
  const there = await selectManifestIsThere(tx, id).executeTakeFirst();
  return there === undefined ? { kind: 'keep' } : { kind: 'postpone', seconds: untilReleased(grace) };
}

async function judge(tx: Tx, row: Reviewed, grace: number): Promise<Verdict> {
  // A statement of its own: in the one that locks, its snapshot would be older than the lock.
  const { rows } = await selectManifestIsNeeded(row.id).execute(tx);
  const { needed, listed } = rows[0] ?? { needed: true, listed: false };
  if (needed) return { kind: 'keep' };
  if (row.fresh) return { kind: 'postpone', seconds: untilStale(row.fresh_seconds, grace) };
  if (listed) return judgeListed(tx, row, grace);
  return row.subject_digest === null ? { kind: 'remove' } : judgeReferrer(tx, row, row.subject_digest, grace);
}

/** Who lists it is held, as a subject is, and for the same reason. */
async function judgeListed(tx: Tx, row: Reviewed, grace: number): Promise<Verdict> {
  const held = await lockListing(tx, row.repository_id, row.digest).executeTakeFirst();
  return held === undefined ? { kind: 'postpone', seconds: untilReleased(grace) } : { kind: 'keep' };
}

/**
 * The subject is held, not only seen: its delete, under way, may have enqueued reviews before this referrer
 * was there, and then nobody would look at it again.
 */
async function judgeReferrer(tx: Tx, row: Reviewed, subject: Buffer, grace: number): Promise<Verdict> {
  const held = await lockSubject(tx, row.repository_id, subject).executeTakeFirst();
  if (held !== undefined) return { kind: 'keep' };
  const seen = await selectManifest(tx, row.repository_id, subject).executeTakeFirst();
  return seen === undefined ? { kind: 'remove' } : { kind: 'postpone', seconds: untilReleased(grace) };
}

async function collect(tx: Tx, row: Reviewed, input: ReviewManifest): Promise<void> {
  await removeManifest(tx, {
    id: row.id,
    repository: row.repository_id,
    digest: row.digest,
    grace: input.grace,
  });
  if (input.events === undefined) return;
  const { name } = await selectRepositoryName(tx, row.repository_id).executeTakeFirstOrThrow();
  const collected = {
    repository: parseRepositoryName(name),
    digest: digestFromBytes(row.digest),
    mediaType: row.media_type,
    size: row.size,
  };
  await addEvents(tx, input.events(collected));
}
