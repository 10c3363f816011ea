import { runStore } from './runner/stores/run-store.ts';
import { parseStoreOptions } from './runner/stores/store-options.ts';
import { parsed, Summary } from './runner/summary.ts';

/** Stores tested concurrently: much of the tests measures how long something waits. */
const lanes = 2;

const summary = new Summary();
const runs = parsed(parseStoreOptions).values();

async function lane(): Promise<void> {
  for (const run of runs)
    await runStore(run, (part, outcome) => summary.add(`${run.store.name} ${part}`, outcome));
}

await Promise.all(Array.from({ length: lanes }, lane));
process.exitCode = summary.close();
