import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, tinyImage, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const receiver = new WebhookReceiver();

beforeAll(() => receiver.listen());
afterAll(() => receiver.close());

describe('a webhook', () => {
  it("is told of a push in distribution's envelope", async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    await client.pushImage(repository, image, 'latest');
    const event = await receiver.event(repository, 'push', image.digest);
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
    expect(receiver.requests.at(-1)).toMatchObject({
      'content-type': 'application/vnd.docker.distribution.events.v2+json',
      'x-webhook-key': 'secret-key',
    });
    for (const { digest } of image.blobs) await receiver.event(repository, 'push', digest);
  });

  it('is told of a pull', async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    await client.pushImage(repository, image, 'latest');
    expectStatus(await client.get(`/v2/${repository}/manifests/latest`), 200);
    const event = await receiver.event(repository, 'pull', image.digest);
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
    expect((await receiver.event(repository, 'mount', digest)).target['fromRepository']).toBe(source);
  });

  it('is told of the deletion of a tag and of a manifest', async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    await client.pushImage(repository, image, 'gone');
    expectStatus(await client.delete(`/v2/${repository}/manifests/gone`), 202);
    await eventually(() => {
      expect(receiver.eventsOf(repository, 'delete').map((event) => event.target['tag'])).toContain('gone');
    }, 30_000);
    expectStatus(await client.delete(`/v2/${repository}/manifests/${image.digest}`), 202);
    await receiver.event(repository, 'delete', image.digest);
  });

  it('that fails is told again until it takes the event', async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    const before = receiver.requests.length;
    receiver.status = 500;
    try {
      await client.pushImage(repository, image, 'latest');
      await eventually(() => {
        expect(receiver.requests.length).toBeGreaterThan(before + 1);
      }, 30_000);
    } finally {
      receiver.status = 200;
    }
    await receiver.event(repository, 'push', image.digest);
  });

  it('that was away is told when it is back', async () => {
    const repository = uniqueRepository('events');
    const image = tinyImage({ content: repository });
    receiver.close();
    await client.pushImage(repository, image, 'latest');
    await sleep(2000);
    await receiver.listen();
    expect((await receiver.event(repository, 'push', image.digest)).target['tag']).toBe('latest');
  });
});
