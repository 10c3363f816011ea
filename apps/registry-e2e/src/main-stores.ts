import { runStore } from './runner/stores/run-store.ts';
import { parseStoreOptions } from './runner/stores/store-options.ts';
import { parsed, Summary } from './runner/summary.ts';

const summary = new Summary();
for (const run of parsed(parseStoreOptions))
  await runStore(run, (part, outcome) => summary.add(`${run.store.name} ${part}`, outcome));
process.exitCode = summary.close();
