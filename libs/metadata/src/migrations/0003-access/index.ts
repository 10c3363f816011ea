import type { Kysely } from 'kysely';
import { accounts } from './accounts.ts';
import { audit } from './audit.ts';
import { keys } from './keys.ts';
import { marks } from './marks.ts';
import { refreshFamilies } from './refresh-families.ts';
import { rules } from './rules.ts';
import { sessions } from './sessions.ts';

/** Each subject of access control has a file with its statements. Tables and columns are new, so code N−1 works on this schema. */
const statements = [...accounts, ...audit, ...keys, ...marks, ...refreshFamilies, ...rules, ...sessions];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}
