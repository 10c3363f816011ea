import { sql } from 'kysely';

export const keys = [
  // Time from which a key signs; null for a key of the previous version. Time from which a successor has to sign, if one was asked for.
  sql`alter table signing_keys add column signs_from timestamptz, add column replace_from timestamptz`,
];
