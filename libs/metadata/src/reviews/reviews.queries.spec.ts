import { expect, it } from 'vitest';
import { sqlOf } from '../testing/sql-of.ts';
import {
  claimBlobReview,
  claimLinkReview,
  claimManifestReview,
  dequeueBlobReview,
  dequeueLinkReview,
  dequeueManifestReview,
  enqueueBlobReview,
  enqueueLinkReviews,
  enqueueLostManifestReviews,
  enqueueManifestReviews,
  enqueueUntaggedReviews,
  postponeBlobReview,
  postponeLinkReview,
  postponeManifestReview,
  putOffLinkReview,
  putOffManifestReview,
} from './reviews.queries.ts';

const digest = Buffer.alloc(33, 1);

it('sends the SQL of the snapshot', async () => {
  const queries = sqlOf({
    enqueueManifestReviews: enqueueManifestReviews([1], 60),
    enqueueLostManifestReviews: enqueueLostManifestReviews({
      repository: 1,
      digest,
      children: [2],
      grace: 60,
    }),
    enqueueUntaggedReviews: enqueueUntaggedReviews(0, 60, 1000),
    enqueueLinkReviews: enqueueLinkReviews(1, [digest], 60),
    enqueueBlobReview: enqueueBlobReview(digest, 60),
    claimManifestReview,
    claimLinkReview,
    claimBlobReview,
    postponeManifestReview: postponeManifestReview(1, 60),
    postponeLinkReview: postponeLinkReview(1, digest, 60),
    postponeBlobReview: postponeBlobReview(digest, 60),
    dequeueManifestReview: dequeueManifestReview(1),
    dequeueLinkReview: dequeueLinkReview(1, digest),
    dequeueBlobReview: dequeueBlobReview(digest),
    putOffManifestReview: putOffManifestReview(1, 60),
    putOffLinkReview: putOffLinkReview(1, digest, 60),
  });
  await expect(queries).toMatchFileSnapshot('./reviews.queries.sql');
});
