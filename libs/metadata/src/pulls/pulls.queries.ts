import { sql } from 'kysely';

/**
 * The manifest is held while its pull is written down, so a collector that has chosen it is waited for, and then no row
 * is left of a manifest that is gone. In one order for everybody.
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
