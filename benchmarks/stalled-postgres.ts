/*
 * Stalls Postgres (SIGSTOP of all its processes) and continues it a minute later. Measures how long clients wait meanwhile.
 *
 *   npm run build && npx node benchmarks/stalled-postgres.ts [seconds, default 60]
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesBelow } from '../e2e/src/support/processes.ts';
import { attack } from './under-attack.ts';

const [seconds = 60] = process.argv.slice(2).map(Number);

await attack({
  name: 'Postgres stalls',
  seconds,
  begin: async ({ registry }) => {
    const [postmaster] = (
      await readFile(join(registry.home, 'cluster/postgres/postmaster.pid'), 'utf8')
    ).split('\n');
    const postgres = await processesBelow(Number(postmaster));
    for (const { pid } of postgres) process.kill(pid, 'SIGSTOP');
    const goOn = (): void => {
      for (const { pid } of postgres) process.kill(pid, 'SIGCONT');
    };
    void sleep(seconds * 1_000).then(goOn);
    return { end: async () => undefined };
  },
});
