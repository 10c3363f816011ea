import type { Migration } from 'kysely/migration';
import { up as registry } from './0001-registry.ts';
import { up as suspectsAndPulls } from './0002-suspects-and-pulls.ts';
import { up as access } from './0003-access/index.ts';

/** Migrations in the order of their names. Never edit a released one: versions N and N−1 run on schema N, so a release brings at most one. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-registry': { up: registry },
  '0002-suspects-and-pulls': { up: suspectsAndPulls },
  '0003-access': { up: access },
};
