import type { Db } from '../transact.ts';

export interface ReferrersKey {
  readonly repository: number;
  readonly subject: Buffer;
  /** Every digest sorts after the empty one. */
  readonly after: Buffer;
  readonly artifactType: string | undefined;
  readonly limit: number;
}

export const selectReferrersPage = (
  db: Db,
  { repository, subject, after, artifactType, limit }: ReferrersKey,
) =>
  db
    .selectFrom('manifests')
    .select(['digest', 'media_type', 'size', 'artifact_type', 'annotations'])
    .where('repository_id', '=', repository)
    .where('subject_digest', '=', subject)
    .where('digest', '>', after)
    .$if(artifactType !== undefined, (query) => query.where('artifact_type', '=', artifactType ?? ''))
    .orderBy('digest')
    .limit(limit);
