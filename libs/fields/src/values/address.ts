/** An address to listen on or to connect to; without a host every interface is meant. */
export interface Address {
  readonly host?: string;
  readonly port: number;
}

/** Reads `host:port`, `:port` (all interfaces) or `[v6]:port`, as Go's net.Listen does. @returns undefined when the text is no address */
export function addressOf(text: string): Address | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]*)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) return undefined;
  const host = parts[1] ?? parts[2] ?? '';
  return host === '' ? { port } : { host, port };
}

/** The address of a configuration that was loaded. @throws Error when the text is none, which the schema refuses */
export function parseAddress(text: string): Address {
  const address = addressOf(text);
  if (address === undefined) throw new Error('not an address of the form host:port or :port');
  return address;
}
