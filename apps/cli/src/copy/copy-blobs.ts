import { setTimeout as sleep } from 'node:timers/promises';
import type { BlobRow } from '@longshore/metadata';
import { copyBlob, type Copied, type Copying } from './copy-blob.ts';

export interface CopyPlan extends Copying {
  /** Lists all current blobs of the registry, in pages. */
  readonly blobs: () => AsyncIterable<readonly BlobRow[]>;
  /** Receives the progress every few seconds, and a line for each blob that could not be copied. */
  readonly tell: (line: string) => void;
  readonly concurrency: number;
}

export interface CopyResult {
  readonly copied: number;
  readonly present: number;
  readonly failed: number;
}

/** Milliseconds between two lines of progress. */
const tellEvery = 5_000;

/** Runs one pass over all blobs. Skips those that an earlier pass or run has copied. */
export async function copyBlobs(plan: CopyPlan): Promise<CopyResult> {
  const count: Record<Copied | 'failed', number> = { copied: 0, present: 0, gone: 0, failed: 0 };
  let bytes = 0;
  const progress = (): void =>
    plan.tell(
      `${count.copied} copied (${megabytes(bytes)}), ${count.present} there already, ${count.failed} failed`,
    );
  const ticking = new AbortController();
  const ticks = tick(progress, ticking.signal);
  const copy = async (blob: BlobRow): Promise<void> => {
    try {
      const outcome = await copyBlob(plan, blob);
      count[outcome]++;
      if (outcome === 'copied') bytes += blob.size;
    } catch (error) {
      count.failed++;
      plan.tell(`${blob.digest}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  try {
    for await (const page of plan.blobs()) {
      const waiting = page.values();
      const lane = async (): Promise<void> => {
        for (const blob of waiting) await copy(blob);
      };
      await Promise.all(Array.from({ length: plan.concurrency }, lane));
    }
  } finally {
    ticking.abort();
    await ticks;
  }
  progress();
  return count;
}

async function tick(work: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(tellEvery, undefined, { signal }).then(work, () => undefined);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
