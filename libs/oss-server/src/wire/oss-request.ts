import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { OssError } from './oss-error.ts';

export interface OssRequest {
  readonly method: string;
  /** The host as the client named it, with its port. */
  readonly host: string;
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Decoded; empty for the bucket itself. */
  readonly key: string;
  /** Decoded. A parameter without a value is the empty string. */
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names. Several values of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/**
 * Parses the target of a request. The bucket is the first segment of the path if the host is `localhost` or an IP address. For any other host it is
 * the first label, or the bucket in `cnames`.
 * @throws OssError InvalidArgument if the target cannot be decoded
 */
export function parseRequest(message: IncomingMessage, cnames: Readonly<Record<string, string>>): OssRequest {
  const [path = '/', search = ''] = split(message.url ?? '/', '?');
  const headers = headersOf(message);
  const host = headers['host'] ?? '';
  const hostname = host.replace(/:\d+$/, '');
  const decoded = decode(path).slice(1);
  const [first = '', rest = ''] = split(decoded, '/');
  const isPathStyle = hostname === 'localhost' || isIP(hostname) !== 0;
  const bucket = cnames[hostname] ?? hostname.split('.')[0] ?? '';
  const target = isPathStyle ? { bucket: first, key: rest } : { bucket, key: decoded };
  return {
    method: message.method ?? 'GET',
    host,
    ...target,
    query: parseQuery(search),
    headers,
    body: message,
  };
}

/** Reads the body of a small document. @throws OssError EntityTooLarge beyond `limit` bytes */
export async function readText({ body, headers }: OssRequest, limit: number): Promise<Buffer> {
  if (Number(headers['content-length'] ?? 0) > limit) throw new OssError('EntityTooLarge');
  return buffer(body);
}

/** Parses an integer of the query, within bounds. @throws OssError InvalidArgument */
export function numberIn(
  query: ReadonlyMap<string, string>,
  name: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  const text = query.get(name) ?? '';
  if (text === '') return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new OssError(
    'InvalidArgument',
    { ArgumentName: name, ArgumentValue: text },
    `Argument ${name} must be an integer between ${least} and ${most}.`,
  );
}

function parseQuery(search: string): Map<string, string> {
  const pairs = search.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [name = '', value = ''] = split(pair.replaceAll('+', '%20'), '=');
      return [decode(name), decode(value)];
    }),
  );
}

// Decodes headers: Node reads them as Latin-1, clients write UTF-8.
function headersOf(message: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(message.headersDistinct).map(([name, values]) => [
      name,
      Buffer.from((values ?? []).map((value) => value.trim()).join(','), 'latin1').toString(),
    ]),
  );
}

function split(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OssError('InvalidArgument', { ArgumentName: 'target', ArgumentValue: text });
  }
}
