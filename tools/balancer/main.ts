import { listenOptions } from '../cluster/ports.ts';
import { serve } from './balancer.ts';

const [address = '', ...targets] = process.argv.slice(2);
const server = serve(targets);
server.once('error', (error) => {
  console.error(`cannot listen on ${address}: ${error.message}`);
  process.exit(1);
});
server.listen(listenOptions(address));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
