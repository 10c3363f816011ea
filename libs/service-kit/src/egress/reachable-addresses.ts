import { Networks } from '../http/networks.ts';

/** Addresses that identify no server elsewhere, or at which clouds hand out credentials to their machines. */
const unreachable = new Networks([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  'fe80::/10',
  'ff00::/8',
  // Metadata services outside the link-local networks: Alibaba, Azure, Oracle, AWS.
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
]);

const loopback = new Networks(['127.0.0.0/8', '::1']);

/** Decides by address, after the name was resolved: a name may resolve to anything, and to something else a second later. */
export class ReachableAddresses {
  readonly #allowed: Networks;

  /** @param allowed addresses and blocks that may be reached although they are link-local or a metadata service */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Networks(allowed);
  }

  has(address: string): boolean {
    const plain = embedded(address);
    return this.#allowed.has(plain) || !unreachable.has(plain);
  }
}

export function isLoopback(address: string): boolean {
  return loopback.has(address);
}

const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;
const nat64 = /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** Returns the IPv4 address that an IPv6 address embeds (IPv4-mapped, NAT64), and every other address as it is. */
function embedded(address: string): string {
  if (!address.includes(':')) return address;
  // The URL parser writes every spelling of an address in the same way.
  const canonical = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [, high, low] = mapped.exec(canonical) ?? nat64.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join('.');
}
