import { sql } from 'kysely';
import type { Db } from './transact.ts';

/** Milliseconds. Clocks that differ by a minute reject tokens and signatures. */
const noticeable = 30_000;
const lookEvery = 600_000;

export interface ClockLog {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

/**
 * Compares this machine's clock with the database's, which all services share, now and every ten minutes. Logs once when they begin to differ, and
 * once when they agree again.
 *
 * @returns stops the watch
 */
export async function watchClock(db: Db, log: ClockLog): Promise<() => void> {
  let isOff = false;
  const look = async (): Promise<void> => {
    const skew = await clockSkew(db);
    if (skew >= noticeable !== isOff) {
      isOff = !isOff;
      const fields = { seconds: Math.round(skew / 1000) };
      if (isOff)
        log.warn(
          fields,
          "this machine's clock differs from the database's: tokens are refused too early or too late; set it by NTP",
        );
      else log.info(fields, "this machine's clock agrees with the database's again");
    }
  };
  await look();
  // Readiness reports a database that is down.
  const timer = setInterval(() => void look().catch(() => undefined), lookEvery).unref();
  return () => clearInterval(timer);
}

/** Returns the least difference of the clocks in milliseconds: the database answered at some moment between the query and its result. */
async function clockSkew(db: Db): Promise<number> {
  const asked = Date.now();
  const { rows } = await sql<{
    now: string;
  }>`select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now`.execute(db);
  const answered = Date.now();
  const now = Number(rows[0]?.now);
  return Math.max(asked - now, now - answered, 0);
}
