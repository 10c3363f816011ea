import { transact, type Db } from '../transact.ts';
import {
  countDevices,
  decideDevice,
  delayDevice,
  deleteDevice,
  insertDeviceCode,
  lockDevice,
  selectPendingDevice,
} from './device-codes.queries.ts';
import { addSession, type NewSession } from './logins.ts';

/** A device that waits until a person confirms it (RFC 8628). */
export interface WaitingDevice {
  readonly userCode: string;
  /** What the device calls itself. */
  readonly device: string;
  /** The address it came from. */
  readonly address: string;
}

const most = 10_000;
const mostOfAddress = 20;

/** @returns false if too many wait, or if another device has the user code */
export async function addDeviceCode(
  db: Db,
  {
    userCode,
    device,
    address,
    hash,
    lifeSeconds,
  }: WaitingDevice & { readonly hash: Uint8Array; readonly lifeSeconds: number },
): Promise<boolean> {
  const waiting = await countDevices(db, address, most).executeTakeFirst();
  if ((waiting?.of_address ?? 0) >= mostOfAddress || (waiting?.of_all ?? 0) >= most) return false;
  const row = { hash: Buffer.from(hash), user_code: userCode, device, address };
  return (await insertDeviceCode(db, row, lifeSeconds).executeTakeFirst()) !== undefined;
}

export async function waitingDevice(db: Db, userCode: string): Promise<WaitingDevice | undefined> {
  const row = await selectPendingDevice(db, userCode).executeTakeFirst();
  return row && { userCode: row.user_code, device: row.device, address: row.address };
}

/**
 * @param loginId the login that the device's session belongs to; undefined to deny
 * @returns false if no such device waits
 */
export async function decideDeviceCode(
  db: Db,
  userCode: string,
  loginId: string | undefined,
): Promise<boolean> {
  return (await decideDevice(db, userCode, loginId).executeTakeFirst()) !== undefined;
}

export type Poll = 'pending' | 'slow down' | 'denied' | 'expired' | 'unknown' | 'approved';

/** Answers a device that asks whether it was confirmed. An approved one gets its session, once. */
export function pollDeviceCode(
  db: Db,
  hash: Uint8Array,
  {
    session,
    intervalSeconds,
  }: { readonly session: Omit<NewSession, 'device'>; readonly intervalSeconds: number },
): Promise<Poll> {
  return transact<Poll>(db, async (tx) => {
    const key = Buffer.from(hash);
    const row = await lockDevice(tx, key).executeTakeFirst();
    if (row === undefined) return 'unknown';
    if (row.is_expired) return 'expired';
    if (row.state === 'pending') {
      // A second of tolerance: a timer may fire a little early.
      await delayDevice(tx, key, intervalSeconds - 1).execute();
      return row.is_early ? 'slow down' : 'pending';
    }
    await deleteDevice(tx, key).execute();
    if (row.state === 'denied' || row.login_id === null) return 'denied';
    await addSession(tx, { ...session, device: row.device, loginId: row.login_id, kind: 'device' });
    return 'approved';
  });
}
