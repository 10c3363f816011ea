/*
 * Lets 600 clients request a blob of 32 MiB and never read it. Measures the latency of other clients, the memory of each process, and how many
 * stalled clients are still served at the end.
 *
 *   npm run build && npx node benchmarks/stalled-readers.ts [readers, default 600] [seconds, default 150]
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from './under-attack.ts';

const [readers = 600, seconds = 150] = process.argv.slice(2).map(Number);

/** An address that the other clients do not use. */
const localAddress = '127.0.0.2';

await attack({
  name: `${readers} stalled readers`,
  largeBytes: 32 * 1024 * 1024,
  seconds,
  begin: async ({ processes, repository, large }) => {
    const [gateway] = await processes('longshore-api-gateway');
    if (gateway?.http === undefined) throw new Error('the cluster has no gateway');
    // All connect to one gateway, since most balancers keep a client's address on one replica.
    const [host = '', port] = gateway.http.split(':');
    const sockets: Socket[] = [];
    const statuses = new Map<string, number>();
    for (let reader = 0; reader < readers; reader++) {
      const socket = connect({ port: Number(port), host, localAddress });
      socket.on('error', () => undefined);
      socket.once('readable', () => {
        const status = String(socket.read(64) ?? '').slice(9, 12);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      });
      socket.write(`GET /v2/${repository}/blobs/${large.digest} HTTP/1.1\r\nHost: x\r\n\r\n`);
      sockets.push(socket);
      if (reader % 20 === 19) await sleep(50);
    }
    return {
      end: async () => {
        for (const socket of sockets) socket.destroy();
      },
      told: async () => {
        const answers = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
        return `answers ${answers}; ${await pullsUnderWay(gateway.debug)} of them under way at the end`;
      },
    };
  },
});

async function pullsUnderWay(debug: string): Promise<number> {
  const metrics = await (await fetch(`http://${debug}/metrics`)).text();
  return Number(/^registry_http_in_flight_requests\{handler="blob-get"[^}]*\} (\d+)/m.exec(metrics)?.[1]);
}
