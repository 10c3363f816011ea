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

/**
 * The fate of a manifest that was tagged or pulled once and that nothing refers to any more: keep it for ever, or for `age` seconds after its last
 * pull or the loss of its last tag.
 */
export type UntaggedPolicy = 'keep' | { readonly age: number };

export interface ReviewManifest {
  /** Seconds that a manifest without tag, parent or subject is kept after its last push. */
  readonly grace: number;
  /** Default `keep`. */
  readonly untagged?: UntaggedPolicy | undefined;
  readonly events?: EventsOf<CollectedManifest>;
}

interface Reviewed {
  readonly id: number;
  readonly repository_id: number;
  readonly digest: Buffer;
  readonly subject_digest: Buffer | null;
  readonly media_type: string;
  readonly size: number;
  readonly ever_tagged: boolean;
  readonly fresh: boolean;
  readonly fresh_seconds: number;
}

/**
 * Claims one due review of a manifest. Keeps a manifest with a tag, a child of an index (also one that came later), and the referrer of a live
 * subject. `untagged` decides about a manifest that was tagged or pulled once. A referrer shares the fate of its subject: pulls of it, such as
 * signature verification, do not keep it.
 */
export async function reviewManifest(db: Db, input: ReviewManifest): Promise<ReviewOutcome> {
  return transact<ReviewOutcome>(db, async (tx) => {
    const { rows } = await claimManifestReview.execute(tx);
    const claimed = rows[0];
    if (claimed === undefined) return idle;
    const { manifest_id: id, enqueued_seconds: enqueuedSeconds } = claimed;
    const row = await lockManifestForReview(tx, id, input.grace).executeTakeFirst();
    const verdict =
      row === undefined
        ? await judgeUnlocked(tx, id, input.grace)
        : await judge(tx, row, { ...input, enqueuedSeconds });
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

/** Another transaction holds the row, or the row is gone. */
async function judgeUnlocked(tx: Tx, id: number, grace: number): Promise<Verdict> {
  const there = await selectManifestIsThere(tx, id).executeTakeFirst();
  return there === undefined ? { kind: 'keep' } : { kind: 'postpone', seconds: untilReleased(grace) };
}

interface Judging {
  readonly grace: number;
  readonly untagged?: UntaggedPolicy | undefined;
  /** Seconds since the manifest last lost a reference. */
  readonly enqueuedSeconds: number;
}

async function judge(tx: Tx, row: Reviewed, judging: Judging): Promise<Verdict> {
  // A statement of its own: the snapshot of the locking statement would be older than its lock.
  const { rows } = await selectManifestIsNeeded(row.id).execute(tx);
  const { needed, listed, pulled_seconds: pulled } = rows[0] ?? { needed: true, listed: false };
  if (needed) return { kind: 'keep' };
  const { grace } = judging;
  if (row.fresh) return { kind: 'postpone', seconds: untilStale(row.fresh_seconds, grace) };
  if (listed) return judgeListed(tx, row, grace);
  if (row.subject_digest === null) return judgeUse(row.ever_tagged, pulled ?? undefined, judging);
  const verdict = await judgeReferrer(tx, row, row.subject_digest, grace);
  return verdict.kind === 'remove' ? judgeUse(row.ever_tagged, undefined, judging) : verdict;
}

function judgeUse(
  everTagged: boolean,
  pulledSeconds: number | undefined,
  { untagged = 'keep', enqueuedSeconds }: Judging,
): Verdict {
  if (!everTagged && pulledSeconds === undefined) return { kind: 'remove' };
  if (untagged === 'keep') return { kind: 'keep' };
  const left = untagged.age - Math.min(enqueuedSeconds, pulledSeconds ?? Infinity);
  return left > 0 ? { kind: 'postpone', seconds: untilStale(left, untagged.age) } : { kind: 'remove' };
}

/** Locks the index that lists the manifest, for the same reason as a subject is locked. */
async function judgeListed(tx: Tx, row: Reviewed, grace: number): Promise<Verdict> {
  const held = await lockListing(tx, row.repository_id, row.digest).executeTakeFirst();
  return held === undefined ? { kind: 'postpone', seconds: untilReleased(grace) } : { kind: 'keep' };
}

/**
 * Locks the subject instead of only reading it. A concurrent delete of the subject may have enqueued reviews before this referrer existed, and then
 * nobody would review it again.
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
