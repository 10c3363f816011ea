import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Metrics, series, traceHeaders } from '@longshore/telemetry';
import { Agent } from 'undici';
import type { Endpoint } from '../notifier-settings.ts';
import { envelopeMediaType } from './envelope.ts';

/** Bytes. Only the status of a receiver's answer counts; a longer body is not read. */
const longestAnswer = 4096;

/** Posts envelopes. Does not follow redirects: a receiver must not choose an address in our network (CVE-2026-2376). */
@Injectable()
export class WebhookClient implements OnApplicationShutdown {
  readonly #agent = new Agent({ keepAliveTimeout: 10_000, connections: 4, maxResponseSize: longestAnswer });

  readonly #events;
  readonly #statuses;
  readonly #durations;

  constructor(metrics: Metrics) {
    this.#events = metrics.counter(series.notificationEvents);
    this.#statuses = metrics.counter(series.notificationStatus);
    this.#durations = metrics.histogram(series.deliveryDuration);
  }

  /** @throws Error with the receiver's answer, or with the reason why it could not be reached */
  async post(endpoint: Endpoint, eventId: string, envelope: Uint8Array): Promise<void> {
    const began = performance.now();
    let type = 'Errors';
    try {
      const status = await this.#answerOf(endpoint, eventId, envelope);
      this.#statuses.inc({ endpoint: endpoint.name, code: String(status) });
      // A redirect that is not followed has delivered nothing. distribution counts a 3xx as success, which would lose the event.
      type = status >= 200 && status < 300 ? 'Successes' : 'Failures';
      if (type === 'Failures') throw new Error(`the receiver answered ${status}`);
    } finally {
      this.#events.inc({ endpoint: endpoint.name, type });
      this.#durations.observe({ endpoint: endpoint.name }, (performance.now() - began) / 1000);
    }
  }

  /** Returns the status of the receiver's answer. */
  async #answerOf(
    { url, headers, timeout }: Endpoint,
    eventId: string,
    envelope: Uint8Array,
  ): Promise<number> {
    const { origin, pathname, search } = new URL(url);
    const answer = await this.#agent.request({
      origin,
      path: `${pathname}${search}`,
      method: 'POST',
      headers: {
        ...headers,
        ...traceHeaders(),
        'content-type': envelopeMediaType,
        'webhook-id': eventId,
      },
      body: Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength),
      signal: AbortSignal.timeout(timeout),
    });
    await answer.body.dump({ limit: longestAnswer });
    return answer.statusCode;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.close();
  }
}
