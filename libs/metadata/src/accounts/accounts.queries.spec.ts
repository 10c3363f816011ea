import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  deleteAccessRule,
  insertAccessRule,
  lockAccessRule,
  selectAccessRule,
  selectAccessRules,
  selectAccessRulesPage,
  selectRulesVersion,
  updateAccessRule,
} from './access-rules.queries.ts';
import {
  deleteAccessToken,
  insertAccessToken,
  lockAccessToken,
  selectAccessToken,
  selectAccessTokensPage,
  selectTokenOwner,
  updateLastUses,
} from './access-tokens.queries.ts';
import {
  deleteRulesOfSubject,
  insertAdministratorRule,
  lockAdministrators,
  removeSubjectFromRules,
  selectAdministratorRule,
} from './account-rules.queries.ts';
import {
  deleteGroup,
  deleteMember,
  insertGroup,
  insertMember,
  lockGroup,
  selectGroup,
  selectGroupsPage,
} from './groups.queries.ts';
import {
  deleteRobot,
  insertRobot,
  lockRobot,
  selectRobot,
  selectRobotsPage,
  updateRobotDisabled,
} from './robots.queries.ts';
import {
  deleteUser,
  insertUser,
  lockUser,
  selectExternalUser,
  selectUser,
  selectUserById,
  selectUsersPage,
  spendPassword,
  updateExternalUser,
  updatePassword,
  updateUserDisabled,
} from './users.queries.ts';

const id = '00000000-0000-4000-8000-000000000000';
const hash = Buffer.alloc(32);

const rule = {
  name: 'dev',
  effect: 'allow',
  subjects: ['group:dev'],
  actions: ['pull'],
  repositories: ['dev/**'],
  when: 'true',
} as const;

it('sends the SQL of the snapshot for users and groups', async () => {
  const queries = sqlOf({
    selectUser: selectUser(db, 'ann'),
    lockUser: lockUser(tx, 'ann'),
    selectUserById: selectUserById(db, 1),
    selectExternalUser: selectExternalUser(db, 'ldap', 'uid=ann'),
    selectUsersPage: selectUsersPage(db, 'ann', 100),
    insertUser: insertUser(db, { name: 'ann' }),
    updateExternalUser: updateExternalUser(1, 'ann', ['dev']),
    updatePassword: updatePassword(tx, 1, { hash: '$2b$', onceWithin: 60 }),
    spendPassword: spendPassword(db, 1, '$2b$', 60),
    updateUserDisabled: updateUserDisabled(tx, 1, true),
    deleteUser: deleteUser(tx, 1),
    lockAdministrators,
    selectAdministratorRule,
    insertAdministratorRule: insertAdministratorRule('administrator ann', 'user:ann'),
    deleteRulesOfSubject: deleteRulesOfSubject('user:ann'),
    removeSubjectFromRules: removeSubjectFromRules('user:ann'),
    selectAccessRules,
    selectRulesVersion,
    selectAccessRule: selectAccessRule(db, 'dev'),
    lockAccessRule: lockAccessRule(tx, 'dev'),
    selectAccessRulesPage: selectAccessRulesPage(db, 'dev', 100),
    insertAccessRule: insertAccessRule(tx, rule, 'ann'),
    updateAccessRule: updateAccessRule(tx, rule),
    deleteAccessRule: deleteAccessRule(tx, 'dev'),
    selectGroup: selectGroup(db, 'dev'),
    lockGroup: lockGroup(tx, 'dev'),
    selectGroupsPage: selectGroupsPage(db, 'dev', 100),
    insertGroup: insertGroup(tx, 'dev'),
    deleteGroup: deleteGroup(tx, 1),
    insertMember: insertMember(tx, 1, 1),
    deleteMember: deleteMember(tx, 1, 1),
  });
  await expect(queries).toMatchFileSnapshot('./users.queries.sql');
});

it('sends the SQL of the snapshot for robots and access tokens', async () => {
  const queries = sqlOf({
    selectRobot: selectRobot(db, 'ci'),
    lockRobot: lockRobot(tx, 'ci'),
    selectRobotsPage: selectRobotsPage(db, 'ci', 100),
    insertRobot: insertRobot(tx, 'ci', ''),
    updateRobotDisabled: updateRobotDisabled(tx, 1, true),
    deleteRobot: deleteRobot(tx, 1),
    insertAccessToken: insertAccessToken(tx, {
      id,
      hash,
      userId: 1,
      robotId: null,
      name: 'laptop',
      limits: null,
      expiresAt: null,
    }),
    selectAccessTokensPage: selectAccessTokensPage(db, { user: 'ann' }, id, 100),
    selectAccessToken: selectAccessToken(db, id),
    lockAccessToken: lockAccessToken(tx, id),
    deleteAccessToken: deleteAccessToken(tx, id),
    selectTokenOwner: selectTokenOwner(hash),
    updateLastUses: updateLastUses([id], [new Date(0)]),
  });
  await expect(queries).toMatchFileSnapshot('./access-tokens.queries.sql');
});
