import type { AddressInfo } from 'node:net';

/** Returns the port of a listening server. @param address the result of `server.address()` */
export function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the server has no port');
}
