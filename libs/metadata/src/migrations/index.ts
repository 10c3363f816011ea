import type { Migration } from 'kysely/migration';
import { up as registry } from './0001-registry.ts';
import { up as suspectsAndPulls } from './0002-suspects-and-pulls.ts';

/** In the order of their names. A released one is never edited: N and N−1 of the code run on schema N, so a release brings one at most. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-registry': { up: registry },
  '0002-suspects-and-pulls': { up: suspectsAndPulls },
};
