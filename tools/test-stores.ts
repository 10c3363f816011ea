import { runVitest } from './results/run-vitest.ts';

/** What needs real storage servers (libs/testing/src/stores): a test whose server is not on this machine fails, and says how to install it. */
await runVitest(['stores'], process.argv.slice(2));
