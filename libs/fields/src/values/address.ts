/** An address to listen on or to connect to. Without a host it means every interface. */
export interface Address {
  readonly host?: string;
  readonly port: number;
}

/** Parses `host:port`, `:port` (all interfaces) or `[v6]:port`, like Go's net.Listen. @returns undefined if the text is not an address */
export function addressOf(text: string): Address | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]*)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) return undefined;
  const host = parts[1] ?? parts[2] ?? '';
  return host === '' ? { port } : { host, port };
}

/** Parses an address of a loaded configuration. @throws Error for any other text, which the schema refuses already */
export function parseAddress(text: string): Address {
  const address = addressOf(text);
  if (address === undefined) throw new Error('not an address of the form host:port or :port');
  return address;
}
