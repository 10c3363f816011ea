import { BlockList, isIP } from 'node:net';

/** A set of addresses and CIDR blocks, IPv4 and IPv6. */
export class Networks {
  readonly #list = new BlockList();
  readonly #empty: boolean;

  /** @throws Node's error for a text that is neither an address nor a block */
  constructor(networks: readonly string[]) {
    this.#empty = networks.length === 0;
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const family = familyOf(address);
      if (prefix === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(prefix), family);
    }
  }

  has(address: string): boolean {
    return !this.#empty && this.#list.check(address, familyOf(address));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
