import { runVitest } from './results/run-vitest.ts';

/** Runs the tests that need only Node: unit tests, and integration tests on an embedded Postgres. */
await runVitest(['unit', 'integration'], process.argv.slice(2));
