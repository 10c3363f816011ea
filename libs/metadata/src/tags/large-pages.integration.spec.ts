import { parseRepositoryName } from '@longshore/oci';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogPage } from '../repositories/repositories.ts';
import { selectCatalogPage } from '../repositories/repositories.queries.ts';
import { pushManifest } from '../testing/contents.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { tagsPage } from './tags-page.ts';
import { selectTagPage } from './tags.queries.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());

const repository = parseRepositoryName('large/app');
let id = 0;

beforeAll(async () => {
  await pushManifest(db, repository, '{}');
  const { repository_id, id: manifest } = await db
    .selectFrom('manifests')
    .select(['id', 'repository_id'])
    .executeTakeFirstOrThrow();
  id = repository_id;
  await sql`
    insert into tags (repository_id, name, manifest_id)
    select ${id}, 'v' || to_char(n, 'FM000000'), ${manifest} from generate_series(1, 100000) n`.execute(db);
  await sql`
    with made as (
      insert into repositories (name) select 'r/' || to_char(n, 'FM000000') from generate_series(1, 100000) n
      returning id
    )
    insert into manifests (repository_id, digest, media_type, size, payload)
    select id, '\\x01'::bytea, 'application/json', 2, '{}'::bytea from made`.execute(db);
  await sql`analyze`.execute(db);
});

interface Explainable {
  explain(): Promise<readonly Record<string, unknown>[]>;
}

/** Lists the plan's nodes, one per line. */
async function planOf(query: Explainable): Promise<string> {
  return (await query.explain()).flatMap((row) => Object.values(row)).join('\n');
}

async function secondsOf(ask: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await ask();
  return (performance.now() - began) / 1000;
}

describe('tagsPage of 100,000 tags', () => {
  it.each(['', 'v050000', 'v099999'])('answers within a second after "%s" (066)', async (after) => {
    expect(await secondsOf(() => tagsPage(db, { repository, after, limit: 1000 }))).toBeLessThan(1);
  });

  it('walks the index, and reads no more than its page', async () => {
    const plan = await planOf(selectTagPage(db, id, 'v050000', 1001));
    expect(plan).toMatch(/Index (?:Only )?Scan using tags_pkey/);
    expect(plan).not.toMatch(/Seq Scan|Sort|Bitmap/);
  });
});

describe('catalogPage of 100,000 repositories', () => {
  it.each(['', 'r/050000', 'r/099999'])('answers within a second after "%s" (076)', async (after) => {
    expect(await secondsOf(() => catalogPage(db, { after, limit: 1000 }))).toBeLessThan(1);
  });

  it('answers within 50 ms for a client that may see 50 of them', async () => {
    const ranges = Array.from({ length: 50 }, (_, index) => {
      const name = `r/${String(index * 2000 + 1).padStart(6, '0')}`;
      return { from: name, to: `${name}!` };
    });
    const page = () => catalogPage(db, { limit: 100, ranges });
    expect((await page()).items).toHaveLength(50);
    const times = [];
    for (let round = 0; round < 7; round++) times.push(await secondsOf(page));
    expect(Math.min(...times)).toBeLessThan(0.05);
  });

  it('walks the index, and reads no more than its page', async () => {
    const plan = await planOf(selectCatalogPage(db, 'r/050000', 1001));
    expect(plan).toMatch(/Index (?:Only )?Scan using repositories_name_key/);
    expect(plan).not.toMatch(/Seq Scan|Sort|Bitmap/);
  });
});
