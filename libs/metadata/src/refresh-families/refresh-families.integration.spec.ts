import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { marksSince, voidCredentials } from '../credentials/marks.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { beginRefreshFamily, type NewRefreshFamily, useRefreshToken } from './refresh-families.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());
beforeEach(async () => {
  await db.deleteFrom('credential_marks').execute();
});

async function begin(more: Partial<NewRefreshFamily> = {}): Promise<string> {
  const id = randomUUID();
  await beginRefreshFamily(db, { id, subject: 'ann', rotates: true, lifetimeSeconds: 60, ...more });
  return id;
}
const use = (id: string, generation: number, graceSeconds = 30) =>
  useRefreshToken(db, { id, generation, graceSeconds });

describe('a family of refresh tokens', () => {
  it('rotates with each use', async () => {
    const id = await begin();
    expect(await use(id, 0)).toEqual({ kind: 'valid', generation: 1 });
    expect(await use(id, 1)).toEqual({ kind: 'valid', generation: 2 });
  });

  it('gives a client that lost the answer, or asks many times at once, one and the same successor', async () => {
    const id = await begin();
    const answers = await Promise.all(Array.from({ length: 8 }, () => use(id, 0)));
    expect(answers).toEqual(Array.from({ length: 8 }, () => ({ kind: 'valid', generation: 1 })));
    expect(await use(id, 1)).toEqual({ kind: 'valid', generation: 2 });
  });

  it.each([
    ['after the grace', 0, 0],
    ['after the successor was used', 30, 1],
  ])('ends, with its access tokens, if an old token comes %s', async (_, grace, further) => {
    const id = await begin();
    await use(id, 0);
    for (let used = 1; used <= further; used += 1) await use(id, used);
    expect(await use(id, 0, grace)).toEqual({ kind: 'reused' });
    expect(await use(id, 1 + further)).toEqual({ kind: 'ended' });
    expect((await marksSince(db, { limit: 10 })).marks).toMatchObject([{ kind: 'credential', name: id }]);
  });

  it('never rotates for a client that keeps the first token, however often and concurrently it uses it', async () => {
    const id = await begin({ rotates: false });
    const answers = await Promise.all(Array.from({ length: 8 }, () => use(id, 0, 0)));
    expect(answers).toEqual(Array.from({ length: 8 }, () => ({ kind: 'valid', generation: 0 })));
  });

  it.each([
    ['its user', { kind: 'user', name: 'ann' }],
    ['the credential of its login', { kind: 'credential', name: 'pat-1' }],
  ] as const)('ends when %s is voided, and others stay', async (_, voided) => {
    const [id, other] = [
      await begin({ gotWith: 'pat-1', rotates: false }),
      await begin({ subject: 'bob', gotWith: 'pat-2' }),
    ];
    await voidCredentials(db, voided);
    expect(await use(id, 0)).toEqual({ kind: 'ended' });
    expect(await use(other, 0)).toMatchObject({ kind: 'valid' });
  });

  it('ends by its own id, and in time, and is deleted with the next login', async () => {
    const [id, short] = [await begin(), await begin({ lifetimeSeconds: -1 })];
    await voidCredentials(db, { kind: 'credential', name: id });
    expect([await use(id, 0), await use(short, 0), await use(randomUUID(), 0)]).toEqual([
      { kind: 'ended' },
      { kind: 'ended' },
      { kind: 'ended' },
    ]);
    await begin();
    const rows = await db.selectFrom('refresh_families').select('id').where('id', '=', short).execute();
    expect(rows).toEqual([]);
  });
});
