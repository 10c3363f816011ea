import type { AddressInfo } from 'node:net';

/** @param address what a server that listens says of itself */
export function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the server has no port');
}
