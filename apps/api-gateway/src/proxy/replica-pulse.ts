import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ServiceLog } from '@longshore/service-kit';
import { untraced } from '@longshore/telemetry';
import { Agent } from 'undici';
import { GatewaySettings } from '../gateway-settings.ts';
import { Attempt } from './attempt.ts';
import type { Patience } from './replica-deadlines.ts';
import { replicaConnector } from './replica-connector.ts';
import { type Replica, Upstreams } from './upstreams.ts';

/**
 * Distinguishes a replica that works for long (it hashes 10 GiB again) from one that hangs (stopped, swapping, cut off). While a request waits, the
 * gateway probes its replica with a cheap request. Without an answer the replica is taken out: repeatable requests move to another one at once, and
 * new requests try it last. Probes continue until it answers, and then it is back. Without waiting requests there are no probes.
 */
@Injectable()
export class ReplicaPulse implements OnApplicationShutdown {
  readonly #attempts = new Set<Attempt>();
  readonly #asked = new Map<string, number>();
  readonly #asking = new Set<string>();
  readonly #patience: Patience;
  readonly #agent: Agent;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly upstreams: Upstreams,
    private readonly log: ServiceLog,
    { replicaTls }: GatewaySettings,
  ) {
    this.#patience = upstreams.patience;
    const { pulse } = this.#patience;
    const connect = replicaConnector(replicaTls, { timeout: pulse });
    this.#agent = new Agent({ headersTimeout: pulse, bodyTimeout: pulse, connect });
  }

  /** Watches the replica on behalf of this request, until `end`. */
  begin(replica: Replica, movable: { isMovable: boolean }): Attempt {
    const attempt = new Attempt(replica, movable);
    this.#attempts.add(attempt);
    this.#watch();
    return attempt;
  }

  end(attempt: Attempt): void {
    this.#attempts.delete(attempt);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#agent.destroy();
  }

  #watch(): void {
    this.#timer ??= untraced(() => setInterval(() => this.#look(), this.#patience.suspicion / 2).unref());
  }

  #look(): void {
    const now = performance.now();
    const suspected = new Map(this.upstreams.out().map((replica) => [replica.origin, replica]));
    for (const attempt of this.#attempts) {
      if (attempt.waited(now) < this.#patience.suspicion) continue;
      if (this.#isHopeless(attempt)) attempt.giveUp();
      else suspected.set(attempt.replica.origin, attempt.replica);
    }
    for (const replica of suspected.values()) void this.#ask(replica, now);
    if (this.#attempts.size > 0 || suspected.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #isHopeless({ replica: { origin }, isMovable }: Attempt): boolean {
    return (
      (isMovable && this.upstreams.isOut(origin) && this.upstreams.hasOther(origin)) ||
      this.upstreams.isGivenUp(origin)
    );
  }

  /** Accepts any answer. */
  async #ask({ origin, host }: Replica, now: number): Promise<void> {
    if (this.#asking.has(origin) || now - (this.#asked.get(origin) ?? -Infinity) < this.#patience.suspicion)
      return;
    this.#asked.set(origin, now);
    this.#asking.add(origin);
    try {
      const headers = host === undefined ? {} : { host };
      const { body } = await this.#agent.request({ origin, path: '/v2/', method: 'GET', headers });
      await body.dump();
      if (this.upstreams.putBack(origin))
        this.log.info('a replica of blob-service answers again', { origin });
    } catch (error) {
      if (this.upstreams.takeOut(origin))
        this.log.error(error, `the replica of blob-service at ${origin} does not answer and is taken out`);
    } finally {
      this.#asking.delete(origin);
    }
  }
}
