/*
 * Stops one of two replicas of blob-service (SIGSTOP) and continues it a minute later. Measures the latency of other clients.
 *
 *   npm run build && npx node benchmarks/hung-replica.ts [seconds, default 60]
 */
import { attack } from './under-attack.ts';

const [seconds = 60] = process.argv.slice(2).map(Number);

await attack({
  name: 'one of two replicas of blob-service hangs',
  seconds,
  begin: async ({ processes }) => {
    const [replica] = await processes('longshore-blob-service');
    if (replica === undefined) throw new Error('the cluster has no blob-service');
    process.kill(replica.pid, 'SIGSTOP');
    return { end: async () => process.kill(replica.pid, 'SIGCONT') };
  },
});
