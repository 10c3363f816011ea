import { transact, type Db } from '../transact.ts';
import { upsertPulls } from './pulls.queries.ts';

export interface RecordPulls {
  /** Ids of manifests. A deleted manifest is skipped. */
  readonly manifests: readonly number[];
  /** Seconds. A pull within this time of the recorded one is not recorded again. */
  readonly resolution: number;
}

/** Records that manifests were pulled. From then on they count as used (`reviewManifest`). Returns the ids that it wrote. */
export async function recordPulls(db: Db, { manifests, resolution }: RecordPulls): Promise<number[]> {
  if (manifests.length === 0) return [];
  const { rows } = await transact(db, (tx) => upsertPulls(manifests, resolution).execute(tx));
  return rows.map((row) => row.manifest_id);
}
