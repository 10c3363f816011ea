import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startTelemetry } from './start.ts';
import { injectTrace, traced, withTrace } from './trace-context.ts';

async function collector() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: string[] = [];
    request.setEncoding('latin1');
    request.on('data', (chunk: string) => void chunks.push(chunk));
    request.on('end', () => {
      bodies.push(`${request.url} ${chunks.join('')}`);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { bodies, server, url: `http://127.0.0.1:${port}/` };
}

describe('startTelemetry', () => {
  it('does nothing without a collector', async () => {
    const telemetry = await startTelemetry({ serviceName: 'test' });
    await traced('unseen', {}, async () => {
      expect(injectTrace()).toBeUndefined();
    });
    await telemetry.shutdown();
  });

  it('sends spans to the collector and carries the trace across a wire', async () => {
    const { bodies, server, url } = await collector();
    const telemetry = await startTelemetry({ serviceName: 'test', otlpEndpoint: url });
    const carrier = await traced('outer', { 'oci.route': 'base' }, async () => injectTrace());
    expect(carrier?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    const inner = await withTrace(carrier, () => traced('inner', {}, async () => injectTrace()));
    expect(inner?.['traceparent']?.slice(0, 35)).toBe(carrier?.['traceparent']?.slice(0, 35));
    await expect(traced('failing', {}, () => Promise.reject(new Error('seen')))).rejects.toThrow('seen');
    await telemetry.shutdown();
    server.close();
    expect(bodies.join('')).toContain('/v1/traces');
    expect(bodies.join('')).toMatch(/outer[^]*inner|inner[^]*outer/);
  });
});
