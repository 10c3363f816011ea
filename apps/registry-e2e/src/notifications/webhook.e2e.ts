import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventually, tinyImage, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { client, serviceProcesses, target } from '../support/target.ts';

interface Event {
  readonly id: string;
  readonly timestamp: string;
  readonly action: string;
  readonly target: Readonly<Record<string, unknown>>;
  readonly request: Readonly<Record<string, string>>;
  readonly actor: Readonly<Record<string, string>>;
  readonly source: Readonly<Record<string, string>>;
}

const events: Event[] = [];
const requests: IncomingHttpHeaders[] = [];
let status = 200;
let server: Server;
let port = 0;

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const envelope: { events: Event[] } = JSON.parse(await text(request));
  requests.push(request.headers);
  if (status === 200) events.push(...envelope.events);
  response.writeHead(status).end();
}

beforeAll(async () => {
  server = createServer((request, response) => void receive(request, response));
  port = Number(await readFile(join(target.home, 'webhook-port'), 'utf8'));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function eventsOf(repository: string, action: string): Event[] {
  return events.filter((event) => event.action === action && event.target['repository'] === repository);
}

function expectEvent(repository: string, action: string, digest: string): Promise<Event> {
  return eventually(() => {
    const event = eventsOf(repository, action).find((candidate) => candidate.target['digest'] === digest);
    if (event === undefined)
      throw new Error(
        `no ${action} of ${digest} among ${events.length} events: ${JSON.stringify(events.slice(-3))}`,
      );
    return event;
  }, 30_000);
}

describe('a webhook', () => {
  it("is told of a push in distribution's envelope", async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    await client.pushImage(repository, image, 'latest');
    const event = await expectEvent(repository, 'push', image.digest);
    expect(event).toMatchObject({
      target: {
        mediaType: image.mediaType,
        size: image.bytes.length,
        length: image.bytes.length,
        digest: image.digest,
        repository,
        tag: 'latest',
        url: expect.stringContaining(`/v2/${repository}/manifests/${image.digest}`),
      },
      request: { method: 'PUT', id: expect.any(String), addr: expect.any(String), host: expect.any(String) },
      source: { addr: expect.any(String), instanceID: expect.any(String) },
    });
    expect(event.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.parse(event.timestamp)).toBeGreaterThan(Date.now() - 60_000);
    expect(requests.at(-1)).toMatchObject({
      'content-type': 'application/vnd.docker.distribution.events.v2+json',
      'x-webhook-key': 'secret-key',
    });
    for (const { digest } of image.blobs) await expectEvent(repository, 'push', digest);
  });

  it('is told of a pull', async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    await client.pushImage(repository, image, 'latest');
    expectStatus(await client.get(`/v2/${repository}/manifests/latest`), 200);
    const event = await expectEvent(repository, 'pull', image.digest);
    expect(event.request['method']).toBe('GET');
  });

  it('is told of a mount, and where it came from', async () => {
    const [repository, source] = [uniqueRepository('events'), uniqueRepository('events')];
    const image = tinyImage({ content: source });
    await client.pushImage(source, image, 'latest');
    const digest = image.blobs[1]?.digest ?? '';
    expectStatus(
      await client.send('POST', `/v2/${repository}/blobs/uploads/?mount=${digest}&from=${source}`),
      201,
    );
    expect((await expectEvent(repository, 'mount', digest)).target['fromRepository']).toBe(source);
  });

  it('is told of the deletion of a tag and of a manifest', async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    await client.pushImage(repository, image, 'gone');
    expectStatus(await client.delete(`/v2/${repository}/manifests/gone`), 202);
    await eventually(() => {
      expect(eventsOf(repository, 'delete').map((event) => event.target['tag'])).toContain('gone');
    }, 30_000);
    expectStatus(await client.delete(`/v2/${repository}/manifests/${image.digest}`), 202);
    await expectEvent(repository, 'delete', image.digest);
  });

  it('that fails is told again until it takes the event', async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    const before = requests.length;
    status = 500;
    try {
      await client.pushImage(repository, image, 'latest');
      await eventually(() => {
        expect(requests.length).toBeGreaterThan(before + 1);
      }, 30_000);
    } finally {
      status = 200;
    }
    await expectEvent(repository, 'push', image.digest);
  });

  it('that was away is told when it is back', async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    server.close();
    server.closeAllConnections();
    await client.pushImage(repository, image, 'latest');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    await expectEvent(repository, 'push', image.digest);
  });
});

if (target.form === 'cluster')
  describe('a notifier that is killed', () => {
    it('loses no event', async () => {
      const repository = uniqueRepository('events');
      const images = Array.from({ length: 20 }, (_, index) =>
        tinyImage({ content: `${repository} ${index}` }),
      );
      for (const [index, image] of images.entries()) {
        await client.pushImage(repository, image, `tag-${index}`);
        if (index === 5 || index === 12) {
          for (const { pid } of await serviceProcesses('longshore-notifier')) process.kill(pid, 'SIGKILL');
        }
      }
      for (const image of images) await expectEvent(repository, 'push', image.digest);
    });
  });
