/*
 * Pushes manifests with 250,000 annotations (about 4 MB each) from 16 concurrent clients. Measures the latency of other clients and the memory of
 * each process.
 *
 *   npm run build && npx node benchmarks/annotation-bombs.ts [clients, default 16] [seconds, default 30]
 */
import { attack } from './under-attack.ts';

const [clients = 16, seconds = 30] = process.argv.slice(2).map(Number);

const descriptor = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: `sha256:${'0'.repeat(64)}`,
  size: 2,
};
const bomb = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: descriptor,
  layers: [],
  annotations: Object.fromEntries(Array.from({ length: 250_000 }, (_, index) => [`a${index}`, ''])),
});

await attack({
  name: `${clients} clients push manifests with 250,000 annotations`,
  seconds,
  begin: ({ origin, repository }) => {
    const ended = new AbortController();
    const statuses = new Map<number, number>();
    const push = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        const { status } = await fetch(`${origin}/v2/${repository}/manifests/bomb`, {
          method: 'PUT',
          headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
          body: bomb,
          signal: ended.signal,
        });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    const pushing = Array.from({ length: clients }, () => push().catch(() => undefined));
    return Promise.resolve({
      end: () => {
        ended.abort();
        return Promise.all(pushing);
      },
      told: () => `answers ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`,
    });
  },
});
