import { digestFromBytes, digestToBytes, type Digest, type RepositoryName, type Tag } from '@longshore/oci';
import { addEvents, type EventsOf } from '../outbox/outbox.ts';
import { ensureRepository, whileRepositoryGoes } from '../repositories/repositories.ts';
import { enqueueManifestReviews } from '../reviews/reviews.queries.ts';
import { pointTags } from '../tags/tags.queries.ts';
import { transact, type Db, type RollBack, type Tx } from '../transact.ts';
import {
  insertAbsentReferences,
  insertManifestBlobs,
  insertManifestChildren,
  lockChildren,
  lockLinks,
  selectManifestDigests,
  upsertManifest,
} from './manifests.queries.ts';

/** One entry of an index. */
export interface ManifestChild {
  readonly digest: Digest;
  /** True if a missing child makes the push fail. False where a sparse index is allowed. */
  readonly required: boolean;
}

/** `any` matches whatever exists, like `*` in RFC 9110. */
export interface PutCondition {
  /** The tag whose state is judged. Without it, the manifest's own state is judged. */
  readonly tag?: Tag | undefined;
  readonly ifMatch?: readonly Digest[] | 'any' | undefined;
  readonly ifNoneMatch?: readonly Digest[] | 'any' | undefined;
}

export interface PutManifest {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  /** The subject need not exist. */
  readonly subject?: Digest | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** JSON, hence without a NUL byte. */
  readonly payload: Uint8Array;
  readonly blobs: readonly Digest[];
  /** Blobs that may be absent, such as layers with other sources. Those that exist are kept like required ones. */
  readonly optionalBlobs?: readonly Digest[] | undefined;
  /** `some`: a missing blob may come later, or never. Default `all`. */
  readonly requiredBlobs?: 'all' | 'some' | undefined;
  /** Manifests of the repository, or blobs of it, as in BuildKit's cache index. */
  readonly children: readonly ManifestChild[];
  readonly tags: readonly Tag[];
  /** Tags that may be created, and not moved to another manifest. Default none. */
  readonly fixedTags?: readonly Tag[] | undefined;
  readonly condition?: PutCondition | undefined;
  /** Seconds that an unreferenced manifest is kept. */
  readonly grace: number;
  readonly events?: EventsOf<StoredManifest>;
}

export interface StoredManifest {
  readonly kind: 'stored';
  readonly id: number;
  /** False if the repository already had the same bytes. */
  readonly created: boolean;
}

export type PutManifestResult =
  | StoredManifest
  /** Everything that is missing, in the order of the manifest. Nothing was stored. */
  | { readonly kind: 'missing'; readonly blobs: readonly Digest[]; readonly children: readonly Digest[] }
  /** A tag of `fixedTags` exists and points to another manifest. */
  | { readonly kind: 'tag-fixed'; readonly tag: Tag }
  | { readonly kind: 'precondition-failed' };

/** Stores a manifest in one transaction. On `stored`, the manifest, its references and its tags are visible on every replica. */
export async function putManifest(db: Db, input: PutManifest): Promise<PutManifestResult> {
  return whileRepositoryGoes(async () => putInto(db, await ensureRepository(db, input.repository), input));
}

async function putInto(db: Db, repository: number, input: PutManifest): Promise<PutManifestResult> {
  return transact<PutManifestResult>(db, async (tx, rollBack) => {
    const references = await lockReferences(tx, repository, input);
    if ('missing' in references) return { kind: 'missing', ...references.missing };
    const { id, created } = await storeManifest(tx, repository, input);
    // A sparse index that is pushed again may list children that have arrived since.
    if (created || input.children.length > 0 || input.requiredBlobs === 'some')
      await storeEdges(tx, { id, repository, references });
    const overwritten = await pointAllTags(tx, { id, repository, tags: input.tags });
    const moved = input.fixedTags?.find((tag) => isMoved(overwritten.get(tag), id));
    if (moved !== undefined) throw rollBack({ kind: 'tag-fixed', tag: moved });
    await judge(tx, { input, created, overwritten, rollBack });
    const lost = [...overwritten.values()].filter((manifest) => manifest !== null && manifest !== id);
    const reviews = [...lost, input.tags.length === 0 ? id : null].filter((manifest) => manifest !== null);
    if (reviews.length > 0) await enqueueManifestReviews(reviews, input.grace).execute(tx);
    const stored = { kind: 'stored', id, created } as const;
    await addEvents(tx, input.events?.(stored) ?? []);
    return stored;
  });
}

interface References {
  readonly blobs: readonly Buffer[];
  readonly children: readonly number[];
  /** References that are missing and may come later. */
  readonly absent: readonly Buffer[];
}

/** Locks the references of the manifest, so that no collector deletes them before we commit. */
async function lockReferences(
  tx: Tx,
  repository: number,
  input: PutManifest,
): Promise<References | { readonly missing: { blobs: Digest[]; children: Digest[] } }> {
  const childDigests = input.children.map((child) => child.digest);
  const namedBlobs = unique([...input.blobs, ...(input.optionalBlobs ?? [])]);
  const wantedLinks = unique([...namedBlobs, ...childDigests]);
  const links = new Set<Digest>();
  const suspects = new Set<Digest>();
  if (wantedLinks.length > 0) {
    const { rows } = await lockLinks(repository, wantedLinks.map(digestToBytes)).execute(tx);
    for (const row of rows) {
      links.add(digestFromBytes(row.digest));
      if (row.suspect) suspects.add(digestFromBytes(row.digest));
    }
  }
  const manifests = new Map<Digest, number>();
  if (childDigests.length > 0) {
    const { rows } = await lockChildren(repository, unique(childDigests).map(digestToBytes)).execute(tx);
    for (const row of rows) manifests.set(digestFromBytes(row.digest), row.id);
  }
  const required = input.children.filter((child) => child.required).map((child) => child.digest);
  // A required blob must not be suspect, so that the client pushes it again. Edges point to suspect blobs as well.
  const isThere = (digest: Digest) => links.has(digest) && !suspects.has(digest);
  const missing = {
    blobs: input.requiredBlobs === 'some' ? [] : unique(input.blobs).filter((digest) => !isThere(digest)),
    children: unique(required).filter((digest) => !manifests.has(digest) && !isThere(digest)),
  };
  if (missing.blobs.length > 0 || missing.children.length > 0) return { missing };
  const childBlobs = childDigests.filter((digest) => !manifests.has(digest) && links.has(digest));
  return {
    blobs: unique([...namedBlobs.filter((digest) => links.has(digest)), ...childBlobs]).map(digestToBytes),
    children: [...manifests.values()],
    absent: wantedLinks.filter((digest) => !manifests.has(digest) && !links.has(digest)).map(digestToBytes),
  };
}

async function storeManifest(tx: Tx, repository: number, input: PutManifest) {
  const { rows } = await upsertManifest({
    repository,
    digest: digestToBytes(input.digest),
    mediaType: input.mediaType,
    artifactType: input.artifactType ?? null,
    subject: input.subject === undefined ? null : digestToBytes(input.subject),
    // Annotations are only shown in lists of referrers.
    annotations: input.subject === undefined ? null : JSON.stringify(input.annotations),
    payload: Buffer.from(input.payload.buffer, input.payload.byteOffset, input.payload.byteLength),
    tagged: input.tags.length > 0,
  }).execute(tx);
  const row = rows[0];
  if (row === undefined) throw new Error('the upsert of a manifest returned no row');
  return row;
}

async function storeEdges(
  tx: Tx,
  { id, repository, references }: { id: number; repository: number; references: References },
): Promise<void> {
  const { blobs, children, absent } = references;
  if (blobs.length > 0) await insertManifestBlobs(id, repository, blobs).execute(tx);
  if (children.length > 0) await insertManifestChildren(id, children).execute(tx);
  if (absent.length > 0) await insertAbsentReferences(id, repository, absent).execute(tx);
}

/** Returns the previous target of each tag, from the row version that was overwritten; `null` for a new tag. */
async function pointAllTags(
  tx: Tx,
  { id, repository, tags }: { id: number; repository: number; tags: readonly Tag[] },
): Promise<Map<string, number | null>> {
  if (tags.length === 0) return new Map();
  const { rows } = await pointTags(repository, id, tags).execute(tx);
  return new Map(rows.map((row) => [row.name, row.previous]));
}

/** The overwritten row is locked, so a tag that two clients create at the same time is moved by neither. */
const isMoved = (previous: number | null | undefined, id: number): boolean =>
  previous !== undefined && previous !== null && previous !== id;

interface Judgement {
  readonly input: PutManifest;
  readonly created: boolean;
  readonly overwritten: ReadonlyMap<string, number | null>;
  readonly rollBack: RollBack<PutManifestResult>;
}

/** Judges the condition on the overwritten row version of the tag. That row is locked, so two conditional writers cannot both succeed. */
async function judge(tx: Tx, { input, created, overwritten, rollBack }: Judgement): Promise<void> {
  const { condition } = input;
  if (condition === undefined) return;
  let before: Digest | undefined = created ? undefined : input.digest;
  if (condition.tag !== undefined) {
    const previous = overwritten.get(condition.tag) ?? null;
    const rows = previous === null ? [] : await selectManifestDigests(tx, [previous]).execute();
    before = rows[0] && digestFromBytes(rows[0].digest);
  }
  if (!holds(condition, before)) throw rollBack({ kind: 'precondition-failed' });
}

function holds({ ifMatch, ifNoneMatch }: PutCondition, before: Digest | undefined): boolean {
  const matches = (wanted: readonly Digest[] | 'any') =>
    before !== undefined && (wanted === 'any' || wanted.includes(before));
  if (ifMatch !== undefined && !matches(ifMatch)) return false;
  return ifNoneMatch === undefined || !matches(ifNoneMatch);
}

function unique(digests: readonly Digest[]): Digest[] {
  return [...new Set(digests)];
}
