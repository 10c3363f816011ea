import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import * as devices from './device-codes.queries.ts';
import * as logins from './logins.queries.ts';
import * as people from './people.queries.ts';
import * as sessions from './sessions.queries.ts';

const hash = Buffer.alloc(32);
const login = {
  id: 'i',
  user_id: 1,
  provider: 'p',
  attempt: hash,
  provider_session: null,
  tokens: hash,
  is_offline: true,
  is_renewable: true,
};
const session = { id: 'i', login_id: 'l', kind: 'browser', secret_hash: hash, device: 'd' } as const;
const device = { hash, user_code: 'c', device: 'd', address: 'a' };

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    upsertPerson: people.upsertPerson(tx, { user_id: 1, email: null, claims: '{}' }),
    updateExternalGroups: people.updateExternalGroups(1, ['g']),
    endPerson: people.endPerson(tx, 1),
    selectPerson: people.selectPerson(db, 'oidc:p', 's'),
    insertLogin: logins.insertLogin(tx, login, { confirmSeconds: 1, lifeSeconds: 1 }),
    deleteIdleLogins: logins.deleteIdleLogins(tx, login),
    claimDueLogin: logins.claimDueLogin(db, 60),
    confirmLoginRow: logins.confirmLoginRow(tx, { id: 'i', tokens: hash, confirmSeconds: 1 }),
    postponeLogin: logins.postponeLogin(db, 'i', 1),
    deleteLogin: logins.deleteLogin(db, 'i'),
    deleteLoginsOf: logins.deleteLoginsOf(db, 1),
    deleteExpiredLogins: logins.deleteExpiredLogins(db),
    insertSession: sessions.insertSession(tx, session, 1),
    selectSessionByHash: sessions.selectSessionByHash(db, hash, 1),
    selectSessionById: sessions.selectSessionById(db, 'i', 1),
    selectSessionsOf: sessions.selectSessionsOf(db, 1, 1),
    selectSessionsPage: sessions.selectSessionsPage(
      db,
      { user: 'ann', after: 'id', confirmationSeconds: 1 },
      100,
    ),
    lockSession: sessions.lockSession(tx, 'id'),
    lockSessionByAnyHash: sessions.lockSessionByAnyHash(tx, hash),
    rotateSessionRow: sessions.rotateSessionRow(tx, { id: 'i', next: hash, previous: hash }),
    deleteSession: sessions.deleteSession(db, 'i'),
    deleteProviderSession: sessions.deleteProviderSession(db, 'p', 's'),
    deleteExpiredSessions: sessions.deleteExpiredSessions(db),
    countDevices: devices.countDevices(db, 'a', 1),
    insertDeviceCode: devices.insertDeviceCode(db, device, 1),
    selectPendingDevice: devices.selectPendingDevice(db, 'c'),
    decideDevice: devices.decideDevice(db, 'c', 'l'),
    lockDevice: devices.lockDevice(tx, hash),
    delayDevice: devices.delayDevice(tx, hash, 1),
    deleteDevice: devices.deleteDevice(db, hash),
    deleteExpiredDevices: devices.deleteExpiredDevices(db),
  });
  await expect(queries).toMatchFileSnapshot('./sessions.queries.sql');
});
