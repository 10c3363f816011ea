import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { loadConfiguration } from '@longshore/configuration';
import { Metrics } from '@longshore/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../notifier-settings.ts';
import { WebhookClient } from './webhook-client.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((clean) => clean()));
});

interface Receiver {
  readonly client: WebhookClient;
  readonly endpoint: Endpoint;
  readonly seen: { request: IncomingMessage; body: Buffer }[];
}

/** Starts a receiver that answers as given, and returns its endpoint in the configuration. */
async function receiver(
  answer: RequestListener,
  { path = '/hook?key=1', timeout = '1s' } = {},
): Promise<Receiver> {
  const seen: Receiver['seen'] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    seen.push({ request, body: await buffer(request) });
    answer(request, response);
  };
  const server = createServer((request, response) => void receive(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new WebhookClient(new Metrics({ service: 'test' }));
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await client.onApplicationShutdown();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}${path}`;
  return {
    client,
    seen,
    endpoint: endpointOf({ name: 'hook', url, timeout, headers: { Authorization: ['Bearer x'] } }),
  };
}

function endpointOf(endpoint: Record<string, unknown>): Endpoint {
  const environment = {
    REGISTRY_STORAGE_INMEMORY: '{}',
    REGISTRY_NOTIFICATIONS_ENDPOINTS: JSON.stringify([endpoint]),
  };
  const [first] = loadConfiguration({ environment }).notifications.endpoints;
  if (first === undefined) throw new Error('the configuration has no endpoint');
  return first;
}

const envelope = Buffer.from('{"events":[]}');

describe('WebhookClient', () => {
  it('posts the envelope byte for byte, with its type, its id and the configured headers', async () => {
    const { client, endpoint, seen } = await receiver((_, response) => response.writeHead(202).end());
    await client.post(endpoint, 'event-1', envelope);
    expect(seen[0]?.body.equals(envelope)).toBe(true);
    expect(seen[0]?.request).toMatchObject({ method: 'POST', url: '/hook?key=1' });
    expect(seen[0]?.request.headers).toMatchObject({
      'content-type': 'application/vnd.docker.distribution.events.v2+json',
      'content-length': String(envelope.byteLength),
      'webhook-id': 'event-1',
      authorization: 'Bearer x',
    });
  });

  it.each([400, 404, 429, 500, 503])('fails when the receiver answers %i', async (status) => {
    const { client, endpoint } = await receiver((_, response) => response.writeHead(status).end());
    await expect(client.post(endpoint, 'event-1', envelope)).rejects.toThrow(
      `the receiver answered ${status}`,
    );
  });

  it.each([301, 302, 307, 308])(
    'goes to no address that a receiver names, and has not delivered (%i)',
    async (status) => {
      const inside = await receiver((_, response) => response.end());
      const { client, endpoint, seen } = await receiver((_, response) =>
        response.writeHead(status, { location: inside.endpoint.url }).end(),
      );
      await expect(client.post(endpoint, 'event-1', envelope)).rejects.toThrow(
        `the receiver answered ${status}`,
      );
      expect([seen.length, inside.seen.length]).toEqual([1, 0]);
    },
  );

  it('waits at most its timeout for a receiver that hangs', async () => {
    const { client, endpoint } = await receiver(() => undefined, { timeout: '100ms' });
    const began = performance.now();
    await expect(client.post(endpoint, 'event-1', envelope)).rejects.toThrow('timeout');
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('accepts the status of a receiver that never ends its body, and stops reading', async () => {
    const { client, endpoint } = await receiver(
      (_, response) => {
        response.writeHead(200);
        const talking = setInterval(() => response.write('x'.repeat(10_000)), 5);
        response.once('close', () => clearInterval(talking));
      },
      { timeout: '2s' },
    );
    const began = performance.now();
    await client.post(endpoint, 'event-1', envelope);
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it('accepts the status of a receiver that answers with a large page', async () => {
    const { client, endpoint } = await receiver((_, response) => response.end('x'.repeat(1_000_000)));
    await expect(client.post(endpoint, 'event-1', envelope)).resolves.toBeUndefined();
  });

  it('fails when nobody listens', async () => {
    const { client, endpoint } = await receiver((_, response) => response.end());
    const gone = { ...endpoint, url: endpoint.url.replace(/:\d+/, ':1') };
    await expect(client.post(gone, 'event-1', envelope)).rejects.toThrow('ECONNREFUSED');
  });
});
