import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Batcher } from './batcher.ts';
import { createLogger } from './logger.ts';
import { startTelemetry } from './start.ts';
import { childSpan, injectTrace, isTracing, rootSpan, traced, traceHeaders, within } from './tracing.ts';

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

// Variables that a start sets are removed after the test.
beforeEach(
  () => void vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', undefined).stubEnv('OTEL_PROPAGATORS', undefined),
);
afterEach(() => vi.unstubAllEnvs());

describe('startTelemetry', () => {
  it.each([
    ['without a word of traces', {}, undefined],
    ['when the exporter is none', { OTEL_TRACES_EXPORTER: 'none' }, 'http://127.0.0.1:9'],
    ['when the SDK is disabled', { OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' }, undefined],
  ])('makes no span %s', async (_, variables, otlpEndpoint) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const telemetry = await startTelemetry({ serviceName: 'test', otlpEndpoint });
    expect(isTracing()).toBe(false);
    expect(rootSpan('unseen', {})).toBeUndefined();
    await traced('unseen', {}, async () => {
      expect(injectTrace()).toBeUndefined();
    });
    await telemetry.shutdown();
  });

  it.each([
    ['without variables', {}],
    ['with empty variables', { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_PROPAGATORS: ' ' }],
  ])('sends spans to the collector and carries the trace, but not the baggage, %s', async (_, variables) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const { bodies, server, url } = await collector();
    const telemetry = await startTelemetry({ serviceName: 'test', otlpEndpoint: url });
    const baggage = 'user=ann';
    const outer = rootSpan('outer', { client: { baggage }, attributes: { 'http.route': '/' } });
    const carrier = await within(outer, () => traced('part', {}, async () => injectTrace()));
    expect(carrier?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(carrier).not.toHaveProperty('baggage');
    const inner = await within(rootSpan('inner', { continues: carrier }), async () => injectTrace());
    expect(inner?.['traceparent']?.slice(0, 35)).toBe(carrier?.['traceparent']?.slice(0, 35));
    const failing = within(rootSpan('failing', {}), () => Promise.reject(new TypeError('password=hunter2')));
    await expect(failing).rejects.toThrow('hunter2');
    expect(childSpan('of nobody')).toBeUndefined();
    const lines: string[] = [];
    const log = createLogger({}, { write: (line) => void lines.push(line) });
    await within(rootSpan('logged', { continues: carrier }), async () => log.info('seen'));
    expect(lines.join('')).toContain(`"trace_id":"${carrier?.['traceparent']?.slice(3, 35)}"`);
    await telemetry.shutdown();
    server.close();
    const sent = bodies.join('');
    expect(sent).toContain('/v1/traces');
    for (const name of ['outer', 'part', 'inner', 'failing', 'TypeError']) expect(sent).toContain(name);
    expect(sent).not.toContain('hunter2');
  });
});

describe('OTEL_PROPAGATORS', () => {
  it.each([
    ['b3', { b3: `${'a'.repeat(32)}-${'b'.repeat(16)}-1` }, ['b3']],
    ['none', {}, []],
  ])(
    '%s names the formats of clients and receivers; our own processes pass W3C on',
    async (name, headers, foreign) => {
      vi.stubEnv('OTEL_PROPAGATORS', name);
      const { server, url } = await collector();
      const telemetry = await startTelemetry({ serviceName: 'test', otlpEndpoint: url });
      const asked = rootSpan('asked', { client: headers });
      const [carrier, outside] = await within(asked, async () => [injectTrace(), traceHeaders()] as const);
      expect(carrier?.['traceparent']).toMatch(
        name === 'b3' ? /^00-a{32}-[0-9a-f]{16}-01$/ : /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/,
      );
      expect(Object.keys(outside)).toEqual(foreign);
      const next = await within(rootSpan('next', { continues: carrier }), async () => injectTrace());
      expect(next?.['traceparent']?.slice(0, 35)).toBe(carrier?.['traceparent']?.slice(0, 35));
      await telemetry.shutdown();
      server.close();
    },
  );
});

describe('rootSpan', () => {
  it('begins a trace of its own, with a link to its cause', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json');
    const { bodies, server, url } = await collector();
    const telemetry = await startTelemetry({ serviceName: 'test', otlpEndpoint: url });
    const causedBy = await within(rootSpan('cause', {}), async () => injectTrace());
    rootSpan('effect', { causedBy })?.end();
    await telemetry.shutdown();
    server.close();
    const [cause, effect] = spansOf(bodies);
    expect([cause?.name, effect?.name]).toEqual(['cause', 'effect']);
    expect(effect).toMatchObject({ links: [{ traceId: cause?.traceId, spanId: cause?.spanId }] });
    expect(effect?.traceId).not.toBe(cause?.traceId);
    expect(effect).not.toHaveProperty('parentSpanId');
  });
});

describe('Batcher, traced', () => {
  it('makes one span of a batch, which belongs to the first key and is linked to the others', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json');
    const { bodies, server, url } = await collector();
    const telemetry = await startTelemetry({ serviceName: 'test', otlpEndpoint: url });
    const batcher = new Batcher<number, number>({ run: echo, maximumKeys: 8, inFlight: 1, span: 'a batch' });
    const ask = (name: string, ...keys: readonly number[]) =>
      within(rootSpan(name, {}), () => Promise.all(keys.map((key) => batcher.get(key))));
    await Promise.all([batcher.get(0), ask('request 1', 1, 3), ask('request 2', 2, 4)]);
    await telemetry.shutdown();
    server.close();
    const spans = spansOf(bodies);
    const named = (name: string) => spans.find((span) => span.name === name);
    expect(spans.map(({ name }) => name).toSorted()).toEqual(['a batch', 'request 1', 'request 2']);
    expect(named('a batch')).toMatchObject({
      traceId: named('request 1')?.traceId,
      parentSpanId: named('request 1')?.spanId,
      links: [{ traceId: named('request 2')?.traceId, spanId: named('request 2')?.spanId }],
    });
  });
});

describe('Batcher, made while a request is traced', () => {
  it('runs its batches in no trace', async () => {
    const { server, url } = await collector();
    const telemetry = await startTelemetry({ serviceName: 'test', otlpEndpoint: url });
    const traces: unknown[] = [];
    const run = async (keys: readonly number[]) => {
      traces.push(injectTrace());
      return keys;
    };
    await within(rootSpan('first', {}), async () => {
      const batcher = new Batcher<number, number>({ run, maximumKeys: 8, inFlight: 1 });
      expect(await batcher.get(1)).toBe(1);
    });
    expect(traces).toEqual([undefined]);
    await telemetry.shutdown();
    server.close();
  });
});

const echo = async (keys: readonly number[]): Promise<readonly number[]> => keys;

interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
}

function spansOf(bodies: readonly string[]): SentSpan[] {
  interface Sent {
    readonly resourceSpans: { readonly scopeSpans: { readonly spans: SentSpan[] }[] }[];
  }
  return bodies.flatMap((body) => {
    const sent: Sent = JSON.parse(body.slice(body.indexOf('{')));
    return sent.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  });
}
