import { isIPv4 } from 'node:net';

/** Tells whether a host is certainly this machine: `localhost`, 127.0.0.0/8 or `::1`, as an address or as in a URL. Asks no resolver. */
export function isLoopbackHost(host: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(host) || (isIPv4(host) && host.startsWith('127.'));
}
