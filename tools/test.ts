import { runVitest } from './results/run-vitest.ts';

/** What a machine with Node alone can run: the unit tests, and the integration tests on an embedded Postgres. */
await runVitest(['unit', 'integration'], process.argv.slice(2));
