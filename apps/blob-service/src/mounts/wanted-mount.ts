import { type Digest, isDigest, isRepositoryName, type RepositoryName } from '@longshore/oci';

export interface WantedMount {
  readonly digest: Digest;
  /** Undefined means any repository that the caller may pull (distribution-spec end-11, automatic mount). */
  readonly from: RepositoryName | undefined;
}

/**
 * Reads the mount that the parameters of an upload's start request. Returns undefined if they request none, or one that is impossible. The client
 * then gets an upload session, as from distribution, and sends the blob.
 */
export function wantedMount(query: URLSearchParams): WantedMount | undefined {
  const digest = query.get('mount');
  if (digest === null || !isDigest(digest)) return undefined;
  const from = query.get('from');
  if (from === null) return { digest, from: undefined };
  return isRepositoryName(from) ? { digest, from } : undefined;
}
