import { type Configuration, parseAddress } from '@longshore/configuration';

/** Returns a warning for a registry without `auth` that other machines reach. Undefined if there is none to give. */
export function openRegistryWarning({
  auth,
  http,
}: Pick<Configuration, 'auth' | 'http'>): string | undefined {
  if (auth !== undefined || isLoopback(http.addr)) return undefined;
  return `OPEN REGISTRY: everybody who reaches ${http.addr} may pull, push and delete without an account. Configure auth, or listen on 127.0.0.1 (http.addr)`;
}

/** Tells whether only this machine reaches the address. */
function isLoopback(address: string): boolean {
  const { host = '' } = parseAddress(address);
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
