import { createServer, type Server } from 'node:http';
import { parseAddress } from '../bootstrap/listen-address.ts';
import type { Readiness } from './readiness.ts';

export interface DebugServerOptions {
  readonly addr: string;
  readonly readiness: Readiness;
  /** The Prometheus exposition; absent when metrics are switched off. */
  readonly metrics?: { readonly path: string; readonly contentType: string; render(): Promise<string> };
}

function readinessAnswer(missing: Record<string, string>): [status: number, type: string, body: string] {
  const ready = Object.keys(missing).length === 0;
  const document = ready ? { status: 'ready' } : { status: 'not ready', missing };
  return [ready ? 200 : 503, 'application/json', JSON.stringify(document)];
}

/** `/health/live`, `/health/ready` and metrics on a listener of their own, which no ingress reaches. */
export async function startDebugServer({ addr, readiness, metrics }: DebugServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    const fail = (error: unknown): void =>
      answer(500, 'text/plain', error instanceof Error ? error.message : String(error));
    if (request.url === '/health/live') answer(200, 'application/json', '{"status":"live"}');
    else if (request.url === '/health/ready') {
      readiness.missing().then((missing) => answer(...readinessAnswer(missing)), fail);
    } else if (metrics !== undefined && request.url === metrics.path) {
      metrics.render().then((text) => answer(200, metrics.contentType, text), fail);
    } else answer(404, 'text/plain', 'not found');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parseAddress(addr), resolve);
  });
  return server;
}
