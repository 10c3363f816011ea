import type { Migration } from 'kysely/migration';
import * as registry from './0001-registry.ts';
import * as suspectBlobs from './0002-suspect-blobs.ts';
import * as untagged from './0003-untagged.ts';

/** In the order of their names. A released one is never edited: N and N−1 of the code run on schema N. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-registry': registry,
  '0002-suspect-blobs': suspectBlobs,
  '0003-untagged': untagged,
};
