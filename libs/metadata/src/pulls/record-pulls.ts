import { transact, type Db } from '../transact.ts';
import { upsertPulls } from './pulls.queries.ts';

export interface RecordPulls {
  /** Ids of manifests; one that is gone is left out. */
  readonly manifests: readonly number[];
  /** Seconds: a pull that was written down more recently than this is not written again. */
  readonly resolution: number;
}

/** Writes down that manifests were pulled: from then on they count as used (`reviewManifest`). Returns the ids that it wrote. */
export async function recordPulls(db: Db, { manifests, resolution }: RecordPulls): Promise<number[]> {
  if (manifests.length === 0) return [];
  const { rows } = await transact(db, (tx) => upsertPulls(manifests, resolution).execute(tx));
  return rows.map((row) => row.manifest_id);
}
