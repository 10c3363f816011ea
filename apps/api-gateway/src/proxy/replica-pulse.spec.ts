import { once } from 'node:events';
import { createServer } from 'node:http';
import { loadConfiguration } from '@longshore/configuration';
import { ServiceLog } from '@longshore/service-kit';
import { createLogger, rootSpan, startTelemetry } from '@longshore/telemetry';
import { eventually, portOf } from '@longshore/testing';
import { expect, it, vi } from 'vitest';
import { GatewaySettings } from '../gateway-settings.ts';
import { ReplicaPulse } from './replica-pulse.ts';
import { Upstreams } from './upstreams.ts';

it('reports a replica outside the trace of the request that began the watch', async () => {
  vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off');
  const telemetry = await startTelemetry({ serviceName: 'test', otlpEndpoint: 'http://127.0.0.1:9' });
  let hangs = true;
  const server = createServer((_request, response) => {
    if (!hangs) response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const replica = { origin: `http://127.0.0.1:${portOf(server.address())}`, host: undefined };
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({}, { write: (line) => void lines.push(JSON.parse(line)) });
  const settings = new GatewaySettings(
    loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}' } }),
  );
  const upstreams = new Upstreams([replica.origin], { suspicion: 20, pulse: 100, end: 5_000 });
  const pulse = new ReplicaPulse(upstreams, new ServiceLog(log), settings);

  const attempt = rootSpan('request', {})?.run(() => pulse.begin(replica, { isMovable: false }));
  await eventually(() => expect(lines).toHaveLength(1));
  hangs = false;
  await eventually(() => expect(lines).toHaveLength(2));
  expect(lines.map(({ msg }) => msg)).toEqual([
    `the replica of blob-service at ${replica.origin} does not answer and is taken out`,
    'a replica of blob-service answers again',
  ]);
  expect(lines.filter((line) => 'trace_id' in line)).toEqual([]);

  if (attempt !== undefined) pulse.end(attempt);
  await pulse.onApplicationShutdown();
  await server[Symbol.asyncDispose]();
  await telemetry.shutdown();
  vi.unstubAllEnvs();
});
