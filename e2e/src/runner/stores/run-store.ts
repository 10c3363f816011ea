import { endRegistry } from '../end-registry.ts';
import { requirePrograms } from '../programs.ts';
import { type Registry, startRegistry } from '../registry.ts';
import { type Outcome, runTests, type TestsOutcome, timed } from '../run-tests.ts';
import type { StoreRun } from './store-options.ts';
import type { StorePart } from './store-parts.ts';
import { startStorePlace, type StorePlace } from './store-place.ts';

type Tell = (name: string, outcome: Outcome) => void;

/** The parts, one after the other, on a fresh cluster over a fresh store. Never rejects: what fails around the parts is told as the cluster's. */
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
  // The parts have been told already; what is left to tell is how the cluster ended.
  const ended = await endRegistry(registry, { passed: 0, failed, skipped: 0, report: '' });
  return { ...ended, failed: ended.failed - failed };
}

async function runPart(
  part: StorePart,
  { registry, place }: { readonly registry: Registry; readonly place: StorePlace },
): Promise<TestsOutcome> {
  await requirePrograms(part.programs);
  return runTests(part, { ...registry, form: 'cluster', store: place.control });
}
