/*
 * Starts 2,000 uploads that send 900 KiB each and then stall in the middle of a chunk. Measures the latency of other clients and the memory of each
 * process.
 *
 *   npm run build && npx node benchmarks/open-uploads.ts [uploads, default 2000] [seconds, default 60]
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from './under-attack.ts';

const [uploads = 2000, seconds = 60] = process.argv.slice(2).map(Number);
const sent = Buffer.alloc(900 * 1024, 1);

await attack({
  name: `${uploads} open uploads`,
  seconds,
  begin: async ({ client, processes, repository }) => {
    const doors = (await processes('longshore-api-gateway')).map(({ http = '' }) => http);
    const [host = '', port] = (doors[0] ?? '').split(':');
    const sockets: Socket[] = [];
    const statuses = new Map<string, number>();
    const open = async (): Promise<void> => {
      const location = new URL(await client.startUpload(repository), client.origin);
      // Connects from another address than the other clients.
      const socket = connect({ port: Number(port), host, localAddress: '127.0.0.2' });
      socket.on('error', () => undefined);
      socket.once('data', (answer: Buffer) => {
        const status = String(answer).slice(9, 12);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      });
      socket.write(
        `PATCH ${location.pathname}${location.search} HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n`,
      );
      socket.write(sent);
      sockets.push(socket);
    };
    for (let upload = 0; upload < uploads; upload += 10) {
      await Promise.all(Array.from({ length: 10 }, () => open().catch(() => undefined)));
    }
    await sleep(1_000);
    return {
      end: async () => {
        for (const socket of sockets) socket.destroy();
      },
      told: () =>
        `${sockets.length} opened; refused or ended: ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ') || 'none'}`,
    };
  },
});
