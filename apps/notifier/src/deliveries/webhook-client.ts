import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { injectTrace } from '@longshore/telemetry';
import { Agent } from 'undici';
import type { Endpoint } from '../notifier-settings.ts';
import { envelopeMediaType } from './envelope.ts';

/** A receiver's answer is only looked at for its status; more than this is not even read. Bytes. */
const longestAnswer = 4096;

/** Posts envelopes. Redirects are not followed: a receiver must not choose where our network is entered (CVE-2026-2376). */
@Injectable()
export class WebhookClient implements OnApplicationShutdown {
  readonly #agent = new Agent({ keepAliveTimeout: 10_000, connections: 4, maxResponseSize: longestAnswer });

  /** @throws Error that says what the receiver answered, or why it could not be reached */
  async post({ url, headers, timeout }: Endpoint, eventId: string, envelope: Uint8Array): Promise<void> {
    const { origin, pathname, search } = new URL(url);
    const answer = await this.#agent.request({
      origin,
      path: `${pathname}${search}`,
      method: 'POST',
      headers: {
        ...headers,
        ...injectTrace(),
        'content-type': envelopeMediaType,
        'webhook-id': eventId,
      },
      body: Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength),
      signal: AbortSignal.timeout(timeout),
    });
    await answer.body.dump({ limit: longestAnswer });
    // A redirect that is not followed has reached nobody: taken for a success, as distribution takes a 3xx, the event would be lost.
    if (answer.statusCode < 200 || answer.statusCode >= 300)
      throw new Error(`the receiver answered ${answer.statusCode}`);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.close();
  }
}
