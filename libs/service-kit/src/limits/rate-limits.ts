import type { ServerResponse } from 'node:http';
import type { Identity } from '@longshore/authorization';
import { OciError } from '@longshore/oci';
import { type Metrics, series } from '@longshore/telemetry';
import type { ClientFacts } from '../http/client-facts.ts';
import { type Allowance, type Claim, type LimitName, RateLimit } from './rate-limit.ts';
import { isInForce, payerOf, type RateRule } from './rate-rule.ts';

/** Most clients of each limit whose use one process remembers: about 10 MiB. */
const mostClients = 50_000;

export type RateRules = Readonly<Record<LimitName, RateRule>>;

export interface RateLimitsOptions {
  readonly rules: RateRules;
  readonly metrics?: Metrics;
  readonly now?: () => number;
}

/** A request whose client is known, and that may do what it asks for. */
export interface Admitted {
  readonly client: ClientFacts;
  readonly identity: Identity;
  readonly response: ServerResponse;
}

/** Whether a request counts as a pull, is only told what is left (HEAD), or has nothing to do with pulls. */
export type PullUse = 'counted' | 'shown' | 'none';

const off: RateRule = { window: 1000, anonymous: 0, accounts: 0, exceptions: [] };
/** @internal Tests open doors without limits. */
export const noRateLimits: RateRules = { requests: off, pulls: off };

/**
 * The limits of `http.ratelimits` at the door of a process; each process counts for itself. A request counts once: the gateway has counted what it
 * forwards. Ask behind access control: most clients begin with a request that is answered 401, and accounts would depend on the anonymous clients of
 * their network (ADR 0034).
 */
export class RateLimits {
  readonly #requests: RateLimit | undefined;
  readonly #pulls: RateLimit | undefined;
  readonly #isOff: boolean;
  readonly #refused = { requests: { account: 0, address: 0 }, pulls: { account: 0, address: 0 } };

  constructor({ rules, metrics, now = () => performance.now() }: RateLimitsOptions) {
    const limit = (name: LimitName): RateLimit | undefined =>
      isInForce(rules[name])
        ? new RateLimit({ name, rule: rules[name], clients: mostClients, now })
        : undefined;
    this.#requests = limit('requests');
    this.#pulls = limit('pulls');
    this.#isOff = this.#requests === undefined && this.#pulls === undefined;
    if (metrics !== undefined) this.#report(metrics);
  }

  /**
   * Counts the request, and tells the client in the headers of the answer what is left to it: of its pulls where it pulls, or of its requests.
   * @throws OciError TOOMANYREQUESTS with Retry-After; then nothing was counted
   */
  admit({ client, identity, response }: Admitted, pull: PullUse): void {
    if (this.#isOff || client.isForwarded === true) return;
    const payer = payerOf(identity, client.address);
    const requests = this.#requests?.claimOf(payer, identity);
    const pulls = pull === 'none' ? undefined : this.#pulls?.claimOf(payer, identity);
    const counted = [requests, pull === 'counted' ? pulls : undefined].filter((claim) => claim !== undefined);
    for (const claim of counted) this.#require(claim, response);
    for (const claim of counted) claim.rate.take(claim);
    const shown = pulls ?? requests;
    if (shown !== undefined) tell(response, shown.rate.look(shown));
  }

  #require(claim: Claim, response: ServerResponse): void {
    const { rate, payer } = claim;
    const allowance = rate.look(claim);
    if (allowance.wait === 0) return;
    this.#refused[rate.name][payer.whose] += 1;
    tell(response, allowance);
    throw refusal(rate.name, allowance);
  }

  #report(metrics: Metrics): void {
    metrics.watchCounter(series.rateLimited, (set) => {
      for (const [limit, counts] of Object.entries(this.#refused))
        for (const [whose, count] of Object.entries(counts)) set({ limit, whose }, count);
    });
    metrics.watchGauge(series.rateLimitClients, (set) => {
      if (this.#requests !== undefined) set({ limit: 'requests' }, this.#requests.clients);
      if (this.#pulls !== undefined) set({ limit: 'pulls' }, this.#pulls.clients);
    });
  }
}

const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000);

/** Writes the headers as Docker Hub does, whose clients read them; `ratelimit-reset` is that of draft-ietf-httpapi-ratelimit-headers-07. */
function tell(response: ServerResponse, { limit, window, remaining, reset }: Allowance): void {
  const w = seconds(window);
  response.setHeader('ratelimit-limit', `${limit};w=${w}`);
  response.setHeader('ratelimit-remaining', `${remaining};w=${w}`);
  response.setHeader('ratelimit-reset', String(seconds(reset)));
}

function refusal(name: LimitName, { limit, window, wait }: Allowance): OciError {
  const retryAfter = Math.max(1, seconds(wait));
  const reason = `${limit} ${name} in ${seconds(window)} s are allowed; try again in ${retryAfter} s`;
  return new OciError('TOOMANYREQUESTS', { reason }, { headers: { 'retry-after': String(retryAfter) } });
}
