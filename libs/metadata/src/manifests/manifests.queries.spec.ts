import { expect, it } from 'vitest';
import { paperDatabase as db, paperTransaction as tx, sqlOf } from '../testing/sql-of.ts';
import {
  deleteManifestRow,
  detachChild,
  insertAbsentReferences,
  insertManifestBlobs,
  insertManifestChildren,
  lockChildren,
  lockLinks,
  lockListing,
  lockManifestForDelete,
  lockManifestForReview,
  lockSubject,
  selectChildIds,
  selectManifest,
  selectManifestBlobs,
  selectManifestByTag,
  selectManifestDigests,
  selectManifestIsChild,
  selectManifestIsNeeded,
  selectManifestIsThere,
  upsertManifest,
} from './manifests.queries.ts';

const digest = Buffer.alloc(33, 1);

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    lockLinks: lockLinks(1, [digest]),
    lockChildren: lockChildren(1, [digest]),
    upsertManifest: upsertManifest({
      repository: 1,
      digest,
      mediaType: 'application/json',
      artifactType: null,
      subject: null,
      annotations: null,
      payload: Buffer.from('{}'),
      tagged: true,
    }),
    insertAbsentReferences: insertAbsentReferences(1, 1, [digest]),
    insertManifestBlobs: insertManifestBlobs(1, 1, [digest]),
    insertManifestChildren: insertManifestChildren(1, [2]),
    selectManifestDigests: selectManifestDigests(db, [1]),
    lockManifestForDelete: lockManifestForDelete(tx, 1, digest),
    selectManifestIsChild: selectManifestIsChild(1),
    detachChild: detachChild(tx, 1),
    selectChildIds: selectChildIds(1),
    selectManifestBlobs: selectManifestBlobs(1),
    deleteManifestRow: deleteManifestRow(tx, 1),
    lockManifestForReview: lockManifestForReview(tx, 1, 60),
    selectManifestIsThere: selectManifestIsThere(tx, 1),
    selectManifestIsNeeded: selectManifestIsNeeded(1),
    lockSubject: lockSubject(tx, 1, digest),
    lockListing: lockListing(tx, 1, digest),
    selectManifest: selectManifest(db, 1, digest),
    selectManifestByTag: selectManifestByTag(db, 1, 'latest'),
  });
  await expect(queries).toMatchFileSnapshot('./manifests.queries.sql');
});
