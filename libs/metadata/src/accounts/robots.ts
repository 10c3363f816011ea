import { AccountError, requireAccountName } from '@longshore/authorization';
import { voidCredentials } from '../credentials/marks.ts';
import { keysetPage, type KeysetPage } from '../keyset-page.ts';
import type { Db, Tx } from '../transact.ts';
import { forgetSubject } from './account-rules.ts';
import type { Change } from './change.ts';
import {
  deleteRobot,
  insertRobot,
  lockRobot,
  selectRobot,
  selectRobotsPage,
  updateRobotDisabled,
} from './robots.queries.ts';

/** An account of a machine. It has no password, only tokens. Its name is apart from those of users: `robot:ci` is not `user:ci`. */
export interface Robot {
  readonly name: string;
  readonly description: string;
  readonly disabled: boolean;
  readonly createdAt: Date;
}

type Row = NonNullable<Awaited<ReturnType<ReturnType<typeof selectRobot>['executeTakeFirst']>>>;

/** @returns undefined if there is no such robot */
export async function robotByName(db: Db, name: string): Promise<Robot | undefined> {
  const row = await selectRobot(db, name).executeTakeFirst();
  return row && robotOf(row);
}

/** Lists robots in the order of their names, after a name that need not exist. */
export async function robotsPage(
  db: Db,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<KeysetPage<Robot>> {
  const rows = await selectRobotsPage(db, after, limit + 1).execute();
  return keysetPage(rows.map(robotOf), limit);
}

/** @throws AccountError `invalid`, `taken` */
export async function addRobot(
  tx: Tx,
  { name, description = '' }: { readonly name: string; readonly description?: string | undefined },
): Promise<Change<Robot>> {
  requireAccountName('robot', name);
  if ((await insertRobot(tx, name, description).executeTakeFirst()) === undefined)
    throw new AccountError('taken', `there is a robot ${name} already`);
  return { before: undefined, after: await robotByName(tx, name) };
}

/** Disables or enables a robot. The tokens of a disabled one are refused. @throws AccountError `absent` */
export async function setRobotDisabled(tx: Tx, name: string, disabled: boolean): Promise<Change<Robot>> {
  const { id, before } = await lockedRobot(tx, name);
  await updateRobotDisabled(tx, id, disabled).execute();
  if (disabled) await voidCredentials(tx, { kind: 'robot', name });
  return { before, after: await robotByName(tx, name) };
}

/** Removes a robot with its tokens and the rules for it. @throws AccountError `absent` */
export async function removeRobot(tx: Tx, name: string): Promise<Change<Robot>> {
  const { id, before } = await lockedRobot(tx, name);
  await deleteRobot(tx, id).execute();
  await forgetSubject(tx, `robot:${name}`);
  await voidCredentials(tx, { kind: 'robot', name });
  return { before, after: undefined };
}

/** @throws AccountError `absent` */
export async function lockedRobot(
  tx: Tx,
  name: string,
): Promise<{ readonly id: number; readonly before: Robot }> {
  const row = await lockRobot(tx, name).executeTakeFirst();
  if (row === undefined) throw new AccountError('absent', `there is no robot ${name}`);
  return { id: row.id, before: robotOf(row) };
}

const robotOf = ({ name, description, disabled_at, created_at }: Row): Robot => ({
  name,
  description,
  disabled: disabled_at !== null,
  createdAt: created_at,
});
