import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  cancelSession,
  claimSession,
  deleteSession,
  expireSessions,
  expireSessionsWithBytes,
  insertSession,
  releaseSession,
  releaseSessionAndFinalKey,
  renewSessionLease,
  saveSessionProgress,
  saveSessionProgressAndRelease,
  selectSession,
  selectSessionKeys,
} from './uploads.queries.ts';

const id = '00000000-0000-4000-8000-000000000000';
const key = { id, repository: 'team/app', subject: 'ann' };
const held = { id, writer: 'w' };
const progress = {
  ...held,
  offset: 1,
  driverState: null,
  hashState: null,
  digestSoFar: null,
  lifetimeSeconds: 60,
};

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    insertSession: insertSession(db, {
      id,
      repository: 1,
      subject: 'ann',
      storageKey: 'uploads/1',
      lifetimeSeconds: 60,
    }),
    selectSession: selectSession(db, key),
    claimSession: claimSession(db, { ...key, ...held, leaseSeconds: 60, finalKey: null }),
    renewSessionLease: renewSessionLease(db, held, 60),
    saveSessionProgress: saveSessionProgress(db, progress),
    saveSessionProgressAndRelease: saveSessionProgressAndRelease(db, progress),
    releaseSession: releaseSession(db, held),
    releaseSessionAndFinalKey: releaseSessionAndFinalKey(db, held),
    deleteSession: deleteSession(tx, held),
    cancelSession: cancelSession(key, 60),
    expireSessions: expireSessions(10, 60),
    expireSessionsWithBytes: expireSessionsWithBytes(10, 60, 3600),
    selectSessionKeys: selectSessionKeys(db, ['uploads/1']),
  });
  await expect(queries).toMatchFileSnapshot('./uploads.queries.sql');
});
