import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { marksSince } from '../credentials/marks.ts';
import { migratedDatabase } from '../testing/migrated-database.ts';
import { transact } from '../transact.ts';
import {
  ensureSigningKey,
  forgetSigningKeys,
  publishedBefore,
  retireSigningKey,
  revokeSigningKey,
  rotateSigningKeys,
  signingKeys,
} from './signing-keys.ts';

const postgres = await migratedDatabase();
const { db } = postgres.database;
afterAll(() => postgres.drop());
beforeEach(async () => {
  await db.deleteFrom('signing_keys').execute();
});

function settings(algorithm = 'ES256') {
  let made = 0;
  const generate = async () => {
    made += 1;
    const kid = `${algorithm}-${made}`;
    return { kid, publicJwk: { kty: 'EC', alg: algorithm }, privateKey: Buffer.from('secret') };
  };
  return { generate, algorithm, maximumAgeSeconds: 3600 };
}
const inSeconds = (at: Date): number => Math.round((at.getTime() - Date.now()) / 1000);

describe('signing keys', () => {
  it('are one for replicas that start together, and verify until they are forgotten', async () => {
    const given = settings();
    const keys = await Promise.all([1, 2, 3].map(() => ensureSigningKey(db, given)));
    expect(new Set(keys.map((key) => key.kid))).toEqual(new Set(['ES256-1']));
    await retireSigningKey(db, 'ES256-1');
    expect(await ensureSigningKey(db, given)).toMatchObject({ kid: 'ES256-2' });
    expect((await signingKeys(db)).map((key) => key.kid)).toEqual(['ES256-2', 'ES256-1']);
    expect(await forgetSigningKeys(db, { retiredForSeconds: -1 })).toEqual(['ES256-1']);
  });

  it('sign at once if they are alone, and otherwise after they were published for a while', async () => {
    const given = settings();
    expect(inSeconds((await ensureSigningKey(db, given)).signsFrom)).toBeLessThanOrEqual(0);
    const next = await ensureSigningKey(db, { ...given, maximumAgeSeconds: -1 });
    expect(inSeconds(next.signsFrom)).toBeGreaterThan(publishedBefore - 60);
  });

  it('have one successor for each demand, which signs when the demand says', async () => {
    const given = settings();
    await ensureSigningKey(db, given);
    expect(await rotateSigningKeys(db, { afterSeconds: 1200 })).toEqual(['ES256-1']);
    expect(await rotateSigningKeys(db, { afterSeconds: 5 })).toEqual(['ES256-1']);
    expect(await rotateSigningKeys(db, { afterSeconds: 600 })).toEqual(['ES256-1']);
    const made = await Promise.all([1, 2, 3].map(() => ensureSigningKey(db, given)));
    expect(new Set(made.map(({ kid }) => kid))).toEqual(new Set(['ES256-2']));
    expect(inSeconds(made[0]?.signsFrom ?? new Date(0))).toBeLessThanOrEqual(5);
  });

  it('have a successor when the configured algorithm changes, and another none', async () => {
    await ensureSigningKey(db, settings());
    const given = settings('EdDSA');
    expect(await ensureSigningKey(db, given)).toMatchObject({ kid: 'EdDSA-1' });
    expect(await ensureSigningKey(db, given)).toMatchObject({ kid: 'EdDSA-1' });
    expect(await ensureSigningKey(db, settings())).toMatchObject({ kid: 'ES256-1' });
  });

  it('of the previous version sign twenty minutes after they were made', async () => {
    await ensureSigningKey(db, settings());
    await db.updateTable('signing_keys').set({ signs_from: null }).execute();
    const [key] = await signingKeys(db);
    expect(inSeconds(key?.signsFrom ?? new Date(0))).toBeGreaterThan(publishedBefore - 60);
  });

  it('can be revoked, which voids their tokens and changes the set that doors know', async () => {
    await ensureSigningKey(db, settings());
    const before = await marksSince(db, { limit: 10 });
    await transact(db, (tx) => revokeSigningKey(tx, 'ES256-1'));
    const after = await marksSince(db, { since: before.version, limit: 10 });
    expect(after.marks).toMatchObject([{ kind: 'key', name: 'ES256-1' }]);
    expect(after.keys).not.toBe(before.keys);
    await expect(transact(db, (tx) => revokeSigningKey(tx, 'ES256-1'))).rejects.toMatchObject({
      kind: 'absent',
    });
  });
});
