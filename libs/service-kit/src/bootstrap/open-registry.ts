import { type Configuration, isLoopbackHost, parseAddress } from '@longshore/configuration';

/** Returns a warning for a registry without `auth` that other machines reach. Undefined if there is none to give. */
export function openRegistryWarning({
  auth,
  http,
}: Pick<Configuration, 'auth' | 'http'>): string | undefined {
  const { host = '' } = parseAddress(http.addr);
  if (auth !== undefined || isLoopbackHost(host)) return undefined;
  return `OPEN REGISTRY: everybody who reaches ${http.addr} may pull, push and delete without an account. Configure auth, or listen on 127.0.0.1 (http.addr)`;
}
