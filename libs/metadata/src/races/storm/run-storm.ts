import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from 'pg';
import { reviewUntagged } from '../../reviews/review-untagged.ts';
import { migratedDatabase } from '../../testing/migrated-database.ts';
import { violations } from '../invariants.queries.ts';
import { Pulls } from './pulls.ts';
import { collectForever, collectOnce, type Collection } from './collector.ts';
import { openCrashingDatabase } from './crashing-database.ts';
import { damageForever } from './damage.ts';
import { pushOnce, type Kept, type StormState } from './pusher.ts';
import { Random } from './random.ts';

export interface StormOptions {
  readonly pushes: number;
  readonly seed: number;
  /** Probability that a connection is killed before a statement. */
  readonly crashProbability: number;
  /** True if objects of live blobs are damaged and lost during the storm. */
  readonly damages: boolean;
}

export interface StormReport {
  readonly acknowledged: number;
  readonly refused: number;
  /** Pushes that a crash interrupted. The client retries them. */
  readonly interrupted: number;
  readonly crashes: number;
  readonly kept: number;
  readonly removed: Collection['removed'];
  /** Pulls of acknowledged pushes, during the storm and after it. */
  readonly pulls: number;
  /** Objects that were damaged or lost, and pulls that found one. */
  readonly damaged: number;
  readonly refusedPulls: number;
  /** All violations. Empty if all is well. */
  readonly problems: readonly string[];
}

const clients = 8;
/** Seconds. Far shorter than the storm, and about as long as a push under load. */
const grace = 0.2;

/**
 * Runs many pushes, deletes and crashes beside two collectors with a short grace. A checker pulls acknowledged content throughout. At the end
 * everything unreferenced must be gone, and nothing else.
 */
export async function runStorm(options: StormOptions): Promise<StormReport> {
  const postgres = await migratedDatabase();
  const observer = new Client({ connectionString: postgres.url });
  await observer.connect();
  const random = new Random(options.seed);
  const crashing = await openCrashingDatabase(postgres, random, options.crashProbability);
  const objects = new Map<string, Buffer>();
  const kept: Kept[] = [];
  const counts = { acknowledged: 0, refused: 0, interrupted: 0 };
  const state: StormState = { db: crashing.database.db, objects, random, grace, kept, counts };
  const removed = { links: 0, blobs: 0, manifests: 0, objects: 0 };
  const problems = new Set<string>();
  const damage = { count: 0, lost: new Set<string>() };
  const store = { db: postgres.database.db, lookups: postgres.database.lookups, objects };
  const pulls = new Pulls({ state, store, problems, damages: options.damages });
  try {
    const over = new AbortController();
    const collection = { db: crashing.database.db, objects, grace, untagged: 'keep', removed } as const;
    const background = Promise.all([
      collectForever(collection, over.signal),
      collectForever(collection, over.signal),
      checkForever({ kept, random, check: (one) => pulls.meanwhile(one) }, over.signal),
      options.damages ? damageForever({ ...store, random, damage }, over.signal) : undefined,
    ]);
    await Promise.race([background, pushAll(state, options.pushes)]);
    over.abort();
    await background;
    await pulls.mendAll(kept);
    // Untagged manifests were kept so far. From here on they are collected, too.
    for (const one of kept.splice(0)) if (!one.moved) kept.push(one);
    await reviewUntagged(postgres.database.db, { grace, batch: 10 });
    await drain(observer, { ...collection, db: postgres.database.db });
    for (const problem of await whatIsWrong(observer, objects, damage.lost)) problems.add(problem);
    await Promise.all(kept.map((one) => pulls.mustBeWhole(one)));
  } finally {
    await Promise.all([crashing.close(), observer.end()]);
    await postgres.drop();
  }
  const crashes = crashing.crashes();
  const { count: pulled, refused: refusedPulls } = pulls;
  return {
    ...counts,
    crashes,
    kept: kept.length,
    removed,
    pulls: pulled,
    damaged: damage.count,
    refusedPulls,
    problems: [...problems],
  };
}

async function pushAll(state: StormState, pushes: number): Promise<void> {
  let next = 0;
  const client = async (): Promise<void> => {
    next += 1;
    if (next > pushes) return;
    await pushOnce(state, next);
    return client();
  };
  await Promise.all(Array.from({ length: clients }, client));
}

interface Checking {
  readonly kept: readonly Kept[];
  readonly random: Random;
  readonly check: (one: Kept) => Promise<unknown>;
}

async function checkForever(checking: Checking, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { kept, random, check } = checking;
  await (kept.length > 0 ? check(random.pick(kept)) : nextTurn());
  return checkForever(checking, signal);
}

/** Makes everything due and collects until nothing is left to do. */
async function drain(observer: Client, collection: Collection): Promise<void> {
  const due = `now() - interval '1 day'`;
  await observer.query(
    [
      `update gc_link_queue set review_after = ${due}`,
      `update gc_blob_queue set review_after = ${due}`,
      `update gc_manifest_queue set review_after = ${due}`,
      `update blob_trash set not_before = ${due}`,
      `update upload_sessions set expires_at = ${due}, writer = null, writer_until = null`,
      `update repository_blobs set linked_at = ${due}`,
      `update manifests set pushed_at = ${due}`,
    ].join(';'),
  );
  const busy = await collectOnce({ ...collection, grace: 0, untagged: { age: 0 } });
  const { rows } = await observer.query('select from blob_trash');
  if (busy || rows.length > 0) await drain(observer, collection);
}

/**
 * @param lost objects that the storm removed from under live blobs; their absence is no violation, since nobody pushes a blob again that no image
 * keeps
 */
async function whatIsWrong(
  observer: Client,
  objects: ReadonlyMap<string, Buffer>,
  lost: ReadonlySet<string>,
): Promise<string[]> {
  const blobs = await observer.query<{ storage_key: string }>('select storage_key from blobs');
  const live = new Set(blobs.rows.map((row) => row.storage_key));
  const { rows } = await observer.query<{ violation: string; what: string }>(violations, [
    [...objects.keys(), ...[...lost].filter((key) => live.has(key))],
  ]);
  const left = await observer.query<{ left: string }>(leftovers);
  return [
    ...rows.map((row) => `${row.violation}: ${row.what}`),
    ...left.rows.map((row) => row.left),
    ...[...objects.keys()].filter((key) => !live.has(key)).map((key) => `${key} is left over`),
  ];
}

/** Rows that the collectors should have deleted. */
const leftovers = `
  select 'an unreferenced link is left over' as left
  from repository_blobs link
  where not exists (
    select from manifest_blobs edge
    where edge.repository_id = link.repository_id and edge.digest = link.digest
  )
  union all
  select 'a blob in no repository is left over'
  from blobs blob where not exists (select from repository_blobs link where link.digest = blob.digest)
  union all
  select 'an unreferenced manifest is left over'
  from manifests manifest
  where not exists (select from tags tag where tag.manifest_id = manifest.id)
    and not exists (select from manifest_children edge where edge.child_id = manifest.id)
    and not exists (
      select from manifest_absent_references listed
      where listed.repository_id = manifest.repository_id and listed.digest = manifest.digest
    ) and not exists (
      select from manifests subject
      where subject.repository_id = manifest.repository_id and subject.digest = manifest.subject_digest
    )`;
