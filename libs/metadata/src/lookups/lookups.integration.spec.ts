import { parseRepositoryName, parseTag } from '@longshore/oci';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Connections } from '../connections.ts';
import { Lookups } from './lookups.ts';
import { digestOf, pushBlob, pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';

const postgres = await migratedDatabase();
const { db, lookups } = postgres.database;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('team/app');
const latest = { kind: 'tag', tag: parseTag('latest') } as const;
const byDigest = (payload: string) => ({ kind: 'digest', digest: digestOf(payload) }) as const;
const small = '{"text":"Größe \\u0000 😀"}';
const large = JSON.stringify({ annotations: 'é'.repeat(300_000) });

beforeAll(async () => {
  await pushManifest(db, repository, small, { tags: [parseTag('latest')], subject: digestOf('subject') });
  await pushManifest(db, repository, large);
});

describe('Lookups', () => {
  it('finds a manifest by tag and by digest, with the bytes that were pushed', async () => {
    const [tagged, addressed] = await Promise.all([
      lookups.manifest({ repository, reference: latest }),
      lookups.manifest({ repository, reference: byDigest(small) }),
    ]);
    expect(tagged).toEqual(addressed);
    expect(tagged).toMatchObject({ payload: Buffer.from(small), subject: digestOf('subject') });
  });

  it('returns bytes that are not UTF-8 unchanged', async () => {
    const bytes = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1));
    const digest = digestOf(bytes);
    await pushManifest(db, repository, '', { payload: bytes, digest });
    const found = await lookups.manifest({ repository, reference: { kind: 'digest', digest } });
    expect(found).toMatchObject({ payload: bytes });
  });

  it('returns a payload that is too large for a batch', async () => {
    const found = await lookups.manifest({ repository, reference: byDigest(large) });
    expect(found).toMatchObject({ payload: Buffer.from(large) });
  });

  it('omits the payload unless it is asked for', async () => {
    const entry = await lookups.manifestEntry({ repository, reference: latest });
    expect(entry).toMatchObject({ digest: digestOf(small), size: Buffer.byteLength(small) });
    expect(entry).not.toHaveProperty('payload', expect.anything());
  });

  it('answers each key of a batch for itself', async () => {
    const nowhere = parseRepositoryName('no/where');
    const answers = await Promise.all([
      lookups.manifestEntry({ repository: nowhere, reference: latest }),
      lookups.manifestEntry({ repository, reference: { kind: 'tag', tag: parseTag('none') } }),
      lookups.manifestEntry({ repository, reference: latest }),
      lookups.manifestEntry({ repository, reference: latest }),
    ]);
    expect(answers.slice(0, 2)).toEqual(['repository-unknown', 'manifest-unknown']);
    expect(answers[2]).toEqual(answers[3]);
  });

  it('finds a blob only in a repository that holds it', async () => {
    const digest = await pushBlob(db, repository, 'blob');
    const other = parseRepositoryName('team/other');
    await pushBlob(db, other, 'another');
    const answers = await Promise.all([
      lookups.blob({ repository, digest }),
      lookups.blob({ repository: other, digest }),
      lookups.blob({ repository: parseRepositoryName('no/where'), digest }),
    ]);
    expect(answers).toMatchObject([{ size: 4 }, 'blob-unknown', 'repository-unknown']);
  });

  it('plans each statement once: planning a batch anew costs more than the batch', async () => {
    const connections = new Connections({ url: postgres.url, poolSize: 1, plannedOnce: true });
    const alone = new Lookups(connections, { inFlight: 1, deadlineMs: 30_000 });
    for (let turn = 0; turn < 20; turn++)
      await Promise.all([
        alone.manifest({ repository, reference: latest }),
        alone.manifestEntry({ repository, reference: latest }),
        alone.manifest({ repository, reference: byDigest(small) }),
        alone.blob({ repository, digest: digestOf('blob') }),
      ]);
    const statements = await connections.rows(
      `select substring(statement from 'unnest[^)]*'), custom_plans from pg_prepared_statements
        where statement like '%unnest%'`,
      [],
    );
    await connections.end();
    expect(statements).toHaveLength(3);
    expect(statements.filter(([, plans]) => plans !== 0)).toEqual([]);
  });

  it('gives up at the deadline of the key, however long Postgres takes', async () => {
    await db.transaction().execute(async (tx) => {
      await sql`lock table repository_blobs in access exclusive mode`.execute(tx);
      const late = lookups.blob({ repository, digest: digestOf('blob') }, { deadlineMs: 5 });
      await expect(late).rejects.toMatchObject({
        name: 'DatabaseUnavailable',
        cause: { name: 'TimeoutError' },
      });
    });
  });
});
