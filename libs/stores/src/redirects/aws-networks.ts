import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const published = z.object({
  prefixes: z.array(z.object({ ip_prefix: z.string(), region: z.string() })),
  ipv6_prefixes: z.array(z.object({ ipv6_prefix: z.string(), region: z.string() })).default([]),
});

export interface AwsNetworksOptions {
  /** The URL at which AWS publishes its networks (docs: "AWS IP address ranges"). */
  readonly url: string;
  /** Undefined means all regions. */
  readonly regions: readonly string[] | undefined;
  /** Milliseconds after which the known networks are requested again. */
  readonly maximumAge: number;
}

/** Milliseconds to wait for an answer. */
const patience = 10_000;
/** Milliseconds after a failed request until the next one. */
const rest = 60_000;

/** The networks of AWS, requested when they are needed. */
export class AwsNetworks {
  readonly #options: AwsNetworksOptions;
  #known: BlockList | undefined;
  #askAgainAt = 0;
  #asking: Promise<void> | undefined;

  constructor(options: AwsNetworksOptions) {
    this.#options = options;
  }

  /** Whether an address is in one of the networks. False while they are not known: such a client is served like any other. */
  async has(address: string): Promise<boolean> {
    if (Date.now() >= this.#askAgainAt) {
      this.#asking ??= this.#ask();
      // Only the first client waits; the others use the known networks.
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
      // The networks are optional: keep the known ones and try again later.
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
