import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const published = z.object({
  prefixes: z.array(z.object({ ip_prefix: z.string(), region: z.string() })),
  ipv6_prefixes: z.array(z.object({ ipv6_prefix: z.string(), region: z.string() })).default([]),
});

export interface AwsNetworksOptions {
  /** Where AWS publishes them (docs: "AWS IP address ranges"). */
  readonly url: string;
  /** Undefined: all of them. */
  readonly regions: readonly string[] | undefined;
  /** How old what is known may be before it is asked for again. Milliseconds. */
  readonly maximumAge: number;
}

/** How long an answer is waited for. Milliseconds. */
const patience = 10_000;
/** Until another attempt after one that failed. Milliseconds. */
const rest = 60_000;

/** The addresses of AWS, asked for when they are needed. */
export class AwsNetworks {
  readonly #options: AwsNetworksOptions;
  #known: BlockList | undefined;
  #askAgainAt = 0;
  #asking: Promise<void> | undefined;

  constructor(options: AwsNetworksOptions) {
    this.#options = options;
  }

  /** Whether an address is one of them; false while they are not known: such a client is served as everybody else is. */
  async has(address: string): Promise<boolean> {
    if (Date.now() >= this.#askAgainAt) {
      this.#asking ??= this.#ask();
      // Only the first client waits; what is known is good enough for the others.
      if (this.#known === undefined) await this.#asking;
    }
    return this.#known?.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') ?? false;
  }

  async #ask(): Promise<void> {
    const { url, regions, maximumAge } = this.#options;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(patience), redirect: 'error' });
      if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
      this.#known = networks(published.parse(await answer.json()), regions);
      this.#askAgainAt = Date.now() + maximumAge;
    } catch {
      // Nobody depends on it: what was known stays, and it is asked for again.
      this.#askAgainAt = Date.now() + Math.min(rest, maximumAge);
    } finally {
      this.#asking = undefined;
    }
  }
}

function networks(
  { prefixes, ipv6_prefixes: prefixes6 }: z.infer<typeof published>,
  regions: readonly string[] | undefined,
): BlockList {
  const list = new BlockList();
  const all = [
    ...prefixes.map(({ ip_prefix: network, region }) => ({ network, region, family: 'ipv4' as const })),
    ...prefixes6.map(({ ipv6_prefix: network, region }) => ({ network, region, family: 'ipv6' as const })),
  ];
  for (const { network, region, family } of all) {
    const [address = '', prefix] = network.split('/');
    if (regions === undefined || regions.includes(region)) list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
