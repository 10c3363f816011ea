import { createServer, type Server } from 'node:http';
import { parseAddress } from '@longshore/configuration';
import type { Readiness } from './readiness.ts';

export interface DebugServerOptions {
  readonly addr: string;
  readonly readiness: Readiness;
  /** The Prometheus exposition; absent when metrics are switched off. */
  readonly metrics?: { readonly path: string; readonly contentType: string; render(): Promise<string> };
}

const stateOf = (missing: Record<string, string>) =>
  Object.keys(missing).length === 0 ? { status: 'ready' } : { status: 'not ready', missing };

/** Pushes may need more than pulls: `/health/ready` tells of both, and its status is that of pulls. */
async function readinessAnswer(
  readiness: Readiness,
  path: string,
): Promise<[status: number, type: string, body: string]> {
  const [missing, forPushes, warnings] = await Promise.all([
    readiness.missing(),
    readiness.missingForPushes(),
    readiness.warnings(),
  ]);
  const asked = stateOf(path === '/health/ready/push' ? forPushes : missing);
  const warned = Object.keys(warnings).length === 0 ? {} : { warnings };
  const document = { ...asked, pushes: stateOf(forPushes), ...warned, ...readiness.facts };
  return [asked.status === 'ready' ? 200 : 503, 'application/json', JSON.stringify(document)];
}

const readinessPaths = ['/health/ready', '/health/ready/push'];

/** `/health/live`, `/health/ready`, `/health/ready/push` and metrics on a listener of their own, which no ingress reaches. */
export async function startDebugServer({ addr, readiness, metrics }: DebugServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
    const fail = (error: unknown): void =>
      answer(500, 'text/plain', error instanceof Error ? error.message : String(error));
    if (request.url === '/health/live') answer(200, 'application/json', '{"status":"live"}');
    else if (readinessPaths.includes(request.url ?? '')) {
      readinessAnswer(readiness, request.url ?? '').then((answered) => answer(...answered), fail);
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
