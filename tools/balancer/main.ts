import { serve } from './balancer.ts';

const [address = '', ...targets] = process.argv.slice(2);
const server = serve(targets);
const separator = address.lastIndexOf(':');
server.once('error', (error) => {
  console.error(`cannot listen on ${address}: ${error.message}`);
  process.exit(1);
});
server.listen(Number(address.slice(separator + 1)), address.slice(0, separator));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
