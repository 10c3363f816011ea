import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** The proxies' information about the connection that they accepted. Absent if unreadable or missing. */
export interface Forwarded {
  /** Addresses of the hops, the client's first. Omits values that are not addresses (`unknown`, `_hidden`). */
  readonly hops: readonly string[];
  readonly scheme?: 'http' | 'https';
  readonly host?: string;
}

/** The headers that are read. X-Forwarded-For alone does not tell how the client reached the registry. */
export const forwardedHeaders = [
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-for',
  'forwarded',
] as const;

/**
 * Reads X-Forwarded-* or, if there is none, Forwarded (RFC 7239). A proxy that writes the former passes on the client's Forwarded. In a list of hosts
 * or schemes the first counts, since it is nearest to the client.
 */
export function readForwarded(headers: IncomingHttpHeaders): Forwarded {
  const [proto, host, chain, standard] = forwardedHeaders.map((name) => textOf(headers[name]));
  if (proto === '' && host === '' && chain === '') return readStandard(standard ?? '');
  return described(chain?.split(',') ?? [], first(proto), first(host));
}

function readStandard(text: string): Forwarded {
  const hops: string[] = [];
  let proto = '';
  let host = '';
  for (const [, name = '', quoted, bare = ''] of text.matchAll(pair)) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare;
    if (/^for$/i.test(name)) hops.push(value);
    else if (/^proto$/i.test(name)) proto ||= value;
    else if (/^host$/i.test(name)) host ||= value;
  }
  return described(hops, proto, host);
}

/** `name=token` or `name="quoted string"`, in an element that ends with `,` or `;`. */
const pair = /(?:^|[;,])[ \t]*(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))/g;

function described(hops: readonly string[], proto: string, host: string): Forwarded {
  const scheme = proto.toLowerCase();
  return {
    hops: hops.map((hop) => addressOf(hop.trim())).filter((hop) => isIP(hop) !== 0),
    ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
    ...(host === '' ? {} : { host }),
  };
}

function textOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim();
}

/** Returns the first element that is not empty. */
function first(list: string | undefined): string {
  return (
    list
      ?.split(',')
      .map((element) => element.trim())
      .find((element) => element !== '') ?? ''
  );
}

/** Removes a port, which some proxies add: `203.0.113.9:4711`, `[2001:db8::1]:4711`. */
function addressOf(hop: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1];
  if (bracketed !== undefined) return withoutMapping(bracketed);
  const [address = '', port, ...more] = hop.split(':');
  return withoutMapping(port !== undefined && more.length === 0 ? address : hop);
}

/** Returns the IPv4 address that an IPv6 socket shows as `::ffff:203.0.113.9`. */
export function withoutMapping(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice('::ffff:'.length) : address;
}
