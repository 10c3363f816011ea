import { tinyImage, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kill } from '../support/processes.ts';
import { client, serviceProcesses } from '../support/target.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const receiver = new WebhookReceiver();

beforeAll(() => receiver.listen());
afterAll(() => receiver.close());

async function killNotifiers(): Promise<void> {
  for (const { pid } of await serviceProcesses('longshore-notifier')) kill(pid);
}

describe('a notifier that is killed', () => {
  it('loses no event', { timeout: 300_000 }, async () => {
    const repository = uniqueRepository('events');
    const images = Array.from({ length: 20 }, (_, index) => tinyImage({ content: `${repository} ${index}` }));
    for (const [index, image] of images.entries()) {
      await client.pushImage(repository, image, `tag-${index}`);
      if (index % 7 === 5) await killNotifiers();
    }
    for (const image of images)
      expect((await receiver.event(repository, 'push', image.digest)).target['digest']).toBe(image.digest);
  });
});
