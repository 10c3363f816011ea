import { parseOptions } from './runner/options.ts';
import { runSuite } from './runner/run-suite.ts';
import { parsed, Summary } from './runner/summary.ts';

const summary = new Summary();
for (const run of parsed(parseOptions)) summary.add(`${run.target} ${run.suite.name}`, await runSuite(run));
process.exitCode = summary.close();
