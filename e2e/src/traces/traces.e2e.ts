import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  eventually,
  freePort,
  type Image,
  RegistryClient,
  tinyImage,
  uniqueRepository,
} from '@longshore/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { storage } from '../runner/configurations.ts';
import { type Form, type Registry, startRegistry } from '../runner/registry.ts';
import { expectStatus } from '../support/expectations.ts';
import { OtlpSink, type SeenSpan } from '../support/otlp-sink.ts';
import { target } from '../support/target.ts';

const form: Form = target.form === 'cluster' ? 'cluster' : 'standalone';
const minute = 60_000;
let registry: Registry | undefined;
let sink: OtlpSink;
let receiver: Server | undefined;
/** The traces that the deliveries name, in order. */
let delivered: string[] = [];
/** Number of next deliveries that the receiver refuses. */
let refusals = 0;

afterEach(async () => {
  await registry?.stop();
  await registry?.discard();
  sink.close();
  receiver?.closeAllConnections();
  receiver?.close();
});

async function start(environment: Readonly<Record<string, string>>): Promise<Registry> {
  const [otlp, webhook] = [await freePort(), await freePort()];
  sink = new OtlpSink();
  await sink.listen(otlp);
  delivered = [];
  receiver = createServer((request, response) => {
    delivered.push(String(request.headers['traceparent'] ?? request.headers['b3']));
    refusals -= 1;
    response.writeHead(refusals >= 0 ? 503 : 200).end();
  }).listen(webhook, '127.0.0.1');
  await once(receiver, 'listening');
  const endpoint = `{ name: test, url: 'http://127.0.0.1:${webhook}/', timeout: 5s, backoff: 100ms }`;
  registry = await startRegistry({
    form,
    configuration: (home) => `${storage(home)}notifications: { endpoints: [${endpoint}] }\n`,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlp}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      ...environment,
    },
  });
  return registry;
}

/** A client with a trace of its own. */
interface TracedClient {
  readonly traceId: string;
  readonly spanId: string;
  readonly client: RegistryClient;
}

function tracedClient(origin: string, format: 'traceparent' | 'b3' = 'traceparent'): TracedClient {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  const ids = `${traceId}-${spanId}`;
  const headers = { [format]: format === 'b3' ? `${ids}-1` : `00-${ids}-01` };
  return { traceId, spanId, client: new RegistryClient(origin, { headers }) };
}

const spansOf = (traceId: string): SeenSpan[] => sink.spans.filter((span) => span.traceId === traceId);
const namesOf = (traceId: string): Set<string> =>
  new Set(spansOf(traceId).map(({ service, name }) => `${service.replace('longshore-', '')}: ${name}`));

/** Waits for the spans, and checks that each span of the trace has its parent among the others, except the client's own. */
async function expectTrace({ traceId, spanId }: TracedClient, names: readonly string[]): Promise<void> {
  await eventually(() => expect([...namesOf(traceId)]).toEqual(expect.arrayContaining([...names])), minute);
  const ids = new Set([spanId, ...spansOf(traceId).map((span) => span.spanId)]);
  const orphans = spansOf(traceId).filter(({ parentSpanId = '' }) => !ids.has(parentSpanId));
  expect(orphans).toEqual([]);
}

/** Pulls the manifest and a blob, and waits for the whole trace. */
async function expectTracedPull(pull: TracedClient, repository: string, image: Image): Promise<void> {
  expectStatus(await pull.client.get(`/v2/${repository}/manifests/latest`), 200);
  expectStatus(await pull.client.get(`/v2/${repository}/blobs/${image.blobs[0]?.digest}`), 200);
  await expectTrace(pull, pulled[form]);
}

const manifestPath = '/v2/<name>/manifests/<reference>';
const sessionPath = '/v2/<name>/blobs/uploads/<id>';
const blobPath = '/v2/<name>/blobs/<digest>';

/** Spans of a push and a pull, by form. */
const pushed: Readonly<Record<Form, readonly string[]>> = {
  cluster: [
    'api-gateway: POST /v2/<name>/blobs/uploads/',
    `api-gateway: PATCH ${sessionPath}`,
    `api-gateway: PUT ${sessionPath}`,
    'api-gateway: PATCH blob-service',
    `blob-service: PATCH ${sessionPath}`,
    `blob-service: PUT ${sessionPath}`,
    'blob-service: storage append',
    'blob-service: storage commit',
    `api-gateway: PUT ${manifestPath}`,
    'api-gateway: ask manifests.put',
    'manifest-service: answer manifests.put',
    'notifier: deliver event',
  ],
  standalone: [
    'standalone: POST /v2/<name>/blobs/uploads/',
    `standalone: PATCH ${sessionPath}`,
    `standalone: PUT ${sessionPath}`,
    'standalone: storage append',
    'standalone: storage commit',
    `standalone: PUT ${manifestPath}`,
    'standalone: answer manifests.put',
    'standalone: deliver event',
  ],
};
const pulled: Readonly<Record<Form, readonly string[]>> = {
  cluster: [
    `api-gateway: GET ${manifestPath}`,
    'api-gateway: ask manifests.get',
    'manifest-service: answer manifests.get',
    'manifest-service: look up manifests by tag',
    `api-gateway: GET ${blobPath}`,
    'api-gateway: GET blob-service',
    `blob-service: GET ${blobPath}`,
    'blob-service: look up blobs',
    'blob-service: storage read',
    'notifier: deliver event',
  ],
  standalone: [
    `standalone: GET ${manifestPath}`,
    'standalone: answer manifests.get',
    'standalone: look up manifests by tag',
    `standalone: GET ${blobPath}`,
    'standalone: look up blobs',
    'standalone: storage read',
    'standalone: deliver event',
  ],
};

describe(`traces of ${form}`, () => {
  it(
    'are one for a push and one for a pull, which continue those of the client',
    { timeout: 6 * minute },
    async () => {
      const { origin, log } = await start({});
      const repository = uniqueRepository('traced');
      const image = tinyImage({ content: repository });
      const [blob] = image.blobs;
      if (blob === undefined) throw new Error('the image has no blob');

      const push = tracedClient(origin);
      const session = await push.client.startUpload(repository);
      const accepted = await push.client.patch(session, blob.bytes);
      expectStatus(accepted, 202);
      expectStatus(await push.client.closeUpload(push.client.locationOf(accepted), blob.digest), 201);
      for (const other of image.blobs.slice(1)) await push.client.pushBlob(repository, other);
      // A refused delivery is repeated in a new trace.
      refusals = 1;
      expectStatus(await push.client.pushManifest(repository, 'latest', image), 201);
      await expectTrace(push, pushed[form]);

      const pull = tracedClient(origin);
      await expectTracedPull(pull, repository, image);
      // The receiver can continue the trace.
      expect(delivered.map((header) => header.slice(3, 35))).toContain(pull.traceId);

      const again = await eventually(() => {
        const found = sink.spans.find((span) => Number(span.attributes['longshore.delivery.attempt']) > 1);
        if (found === undefined) throw new Error('no delivery was tried again');
        return found;
      }, minute);
      expect(again.parentSpanId ?? '').toBe('');
      expect(again.links?.map((link) => link.traceId)).toEqual([push.traceId]);

      // A request without a client's trace starts one here, and log lines refer to it.
      const lines = (await readFile(log, 'utf8')).split('\n').filter((line) => line.includes('msg=request'));
      expect(lines.filter((line) => line.includes(`trace_id=${push.traceId}`)).length).toBeGreaterThan(3);
      expect(
        sink.spans.some(({ name, parentSpanId = '' }) => name === 'GET /v2/' && parentSpanId === ''),
      ).toBe(true);
    },
  );

  it(
    'are one with a client that speaks b3, and the receiver is told in b3',
    { timeout: 6 * minute },
    async () => {
      const { origin } = await start({ OTEL_PROPAGATORS: 'b3' });
      const repository = uniqueRepository('b3');
      const image = tinyImage({ content: repository });
      await new RegistryClient(origin).pushImage(repository, image, 'latest');

      const pull = tracedClient(origin, 'b3');
      await expectTracedPull(pull, repository, image);
      expect(delivered.map((header) => header.slice(0, 32))).toContain(pull.traceId);
    },
  );

  it('are not made when the exporter is none', { timeout: 6 * minute }, async () => {
    const { origin, log } = await start({ OTEL_TRACES_EXPORTER: 'none' });
    const { client, traceId } = tracedClient(origin);
    const repository = uniqueRepository('untraced');
    const image = tinyImage({ content: repository });
    await client.pushImage(repository, image, 'latest');
    expectStatus(await client.get(`/v2/${repository}/manifests/latest`), 200);
    await eventually(() => expect(delivered.length).toBeGreaterThan(2), minute);
    await registry?.stop();
    expect(sink.requests).toBe(0);
    expect(delivered.filter((header) => header !== 'undefined')).toEqual([]);
    expect(await readFile(log, 'utf8')).not.toContain(traceId);
  });
});
