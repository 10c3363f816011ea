/** `host:port`, `:port` (all interfaces) or `[v6]:port`, as Go's net.Listen reads it. @throws Error naming the text */
export function parseAddress(text: string): { host?: string; port: number } {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535)
    throw new Error(`"${text}" is not an address to listen on; write host:port or :port`);
  const host = parts[1] ?? parts[2] ?? '';
  return host === '' ? { port } : { host, port };
}
