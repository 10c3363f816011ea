import { createHash } from 'node:crypto';
import { digestToBytes, parseDigest, parseRepositoryName, type Digest } from '@longshore/oci';
import type { Client } from 'pg';

/** Two days ago: beyond every grace. */
const old = `now() - interval '2 days'`;

export const grace = 3600;
export const notBeforeSeconds = 0;

export const one = parseRepositoryName('races/one');
export const two = parseRepositoryName('races/two');

export function digestOf(name: string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(name).digest('hex')}`);
}

const bytes = (name: string) => `'\\x${digestToBytes(digestOf(name)).toString('hex')}'::bytea`;

interface PlacedManifest {
  readonly id: number;
  readonly name: string;
  readonly subject?: string;
  readonly everTagged?: true;
}

/*
 * Repository `one`:            tag a ──▶ image ◀── subject ── signature (old, review due)
 *                              tag b ──▶ index ──▶ child
 *                              tag c ──▶ sparse index ──▶ latecomer (by its digest alone; old, review due)
 *                                        stray (no tag, old, review due); retired (the same, but it had a tag once)
 * every manifest ──▶ blob `used`; blob `idle` is linked, unreferenced, old, review due;
 * blob `orphan` is in no repository, review due; `fresh` is a blob that only uploads bring.
 */
export const placed: readonly PlacedManifest[] = [
  { id: 1, name: 'image', everTagged: true },
  { id: 2, name: 'child' },
  { id: 3, name: 'index', everTagged: true },
  { id: 4, name: 'signature', subject: 'image' },
  { id: 5, name: 'stray' },
  { id: 6, name: 'sparse index', everTagged: true },
  { id: 7, name: 'latecomer' },
  { id: 8, name: 'retired', everTagged: true },
];

export interface PlacedUpload {
  readonly id: string;
  readonly key: string;
  readonly writer: string;
}

const uploadNames = ['used', 'idle', 'orphan', 'fresh', 'fresh-again', 'lapsed'] as const;
export type UploadName = (typeof uploadNames)[number];

/** Returns a session with all its bytes stored and its writer about to commit; `lapsed` has no bytes and has expired. */
export function uploadOf(name: UploadName): PlacedUpload {
  const id = `00000000-0000-4000-8000-00000000000${uploadNames.indexOf(name)}`;
  return { id, key: `uploads/${name}`, writer: `writer of ${name}` };
}

function uploadRow(name: UploadName): string {
  const { id, key, writer } = uploadOf(name);
  const lease = name === 'lapsed' ? 'null, null' : `'${writer}', now() + interval '1 hour'`;
  const expires = name === 'lapsed' ? old : `now() + interval '1 day'`;
  return `('${id}', 1, 'ann', '${key}', ${lease}, ${expires})`;
}

function manifestRow({ id, name, subject, everTagged }: PlacedManifest): string {
  const subjectDigest = subject === undefined ? 'null' : bytes(subject);
  return `(${id}, 1, ${bytes(name)}, 'application/json', ${subjectDigest}, 2, '{}', ${old}, ${everTagged === true})`;
}

const tables = `manifest_children tags manifests repository_blobs blobs upload_sessions repositories
  gc_link_queue gc_blob_queue gc_manifest_queue blob_trash outbox`.split(/\s+/);

const script = [
  ...tables.map((table) => `delete from ${table}`),
  `insert into repositories (id, name) overriding system value values (1, '${one}'), (2, '${two}')`,
  `insert into blobs (digest, size, storage_key) values
    ${['used', 'idle', 'orphan'].map((name) => `(${bytes(name)}, 1, 'blobs/${name}')`).join(', ')}`,
  `insert into repository_blobs values (1, ${bytes('used')}, ${old}), (1, ${bytes('idle')}, ${old})`,
  `insert into manifests (id, repository_id, digest, media_type, subject_digest, size, payload, pushed_at,
    ever_tagged)
    overriding system value values ${placed.map(manifestRow).join(', ')}`,
  `perform setval('manifests_id_seq', 100), setval('repositories_id_seq', 100)`,
  `insert into manifest_blobs select id, 1, ${bytes('used')} from manifests where id not in (3, 6)`,
  `insert into manifest_children values (3, 2)`,
  `insert into manifest_absent_references values (6, 1, ${bytes('latecomer')})`,
  `insert into tags (repository_id, name, manifest_id) values (1, 'a', 1), (1, 'b', 3), (1, 'c', 6)`,
  `insert into gc_link_queue values (1, ${bytes('idle')}, ${old})`,
  `insert into gc_blob_queue values (${bytes('orphan')}, ${old})`,
  `insert into gc_manifest_queue (manifest_id, review_after)
    values (4, ${old}), (5, ${old}), (7, ${old}), (8, ${old})`,
  `insert into blob_trash values ('blobs/swept', ${old})`,
  `insert into upload_sessions (id, repository_id, subject, storage_key, writer, writer_until, expires_at) values
    ${uploadNames.map(uploadRow).join(', ')}`,
].join(';\n');

/** The state that a test starts from: everything collectable is due, and everything that must stay is old. */
export class World {
  readonly objects = new Set<string>();

  /** Call it before the first reset. Creates a function, so that Postgres plans its statements once. */
  async prepare(client: Client): Promise<void> {
    await client.query(
      `create function reset_world() returns void language plpgsql as $$begin\n${script};\nend$$`,
    );
  }

  async reset(client: Client): Promise<void> {
    await client.query('select reset_world()');
    this.objects.clear();
    for (const name of ['used', 'idle', 'orphan', 'swept']) this.objects.add(`blobs/${name}`);
    for (const name of uploadNames) this.objects.add(`uploads/${name}`);
  }
}
