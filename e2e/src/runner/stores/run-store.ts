import { endRegistry } from '../end-registry.ts';
import { requirePrograms } from '../programs.ts';
import { type Registry, startRegistry } from '../registry.ts';
import { type Outcome, runTests, type TestsOutcome, timed } from '../run-tests.ts';
import type { StoreRun } from './store-options.ts';
import type { StorePart } from './store-parts.ts';
import { startStorePlace, type StorePlace } from './store-place.ts';

type Tell = (name: string, outcome: Outcome) => void;

/** Runs the parts in order, on a new cluster over a new store. Never rejects: failures outside the parts are reported as the cluster's. */
export async function runStore({ store, parts }: StoreRun, tell: Tell): Promise<void> {
  const cluster = await timed(async () => {
    const place = await startStorePlace(store);
    try {
      return await onPlace(place, parts, tell);
    } finally {
      await place.stop();
    }
  });
  tell('cluster', cluster);
}

async function onPlace(place: StorePlace, parts: readonly StorePart[], tell: Tell): Promise<TestsOutcome> {
  const registry = await startRegistry({ form: 'cluster', configuration: () => place.configuration });
  let failed = 0;
  for (const part of parts) {
    const outcome = await timed(() => runPart(part, { registry, place }));
    failed += outcome.failed;
    tell(part.name, outcome);
  }
  // The parts have been reported already; only the end of the cluster is left.
  const ended = await endRegistry(registry, { passed: 0, failed, skipped: 0, report: '' });
  return { ...ended, failed: ended.failed - failed };
}

async function runPart(
  part: StorePart,
  { registry, place }: { readonly registry: Registry; readonly place: StorePlace },
): Promise<TestsOutcome> {
  requirePrograms(part.programs);
  return runTests(part, { ...registry, form: 'cluster', store: place.control });
}
