import { sql } from 'kysely';

/**
 * Locks the manifest while it records the pull, so it waits for a collector that has chosen the manifest. Then it leaves no row for a deleted
 * manifest. All callers lock in one order.
 */
export const upsertPulls = (manifests: readonly number[], resolution: number) => sql<{
  manifest_id: number;
}>`
  insert into manifest_pulls as pull (manifest_id, pulled_at)
  select id, now() from manifests
  where id = any(${manifests}::bigint[])
  order by id
  for key share
  on conflict (manifest_id) do update set pulled_at = now()
  where pull.pulled_at <= now() - make_interval(secs => ${resolution})
  returning manifest_id`;
