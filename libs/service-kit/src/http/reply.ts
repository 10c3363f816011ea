import type { Readable } from 'node:stream';

export type ReplyHeaders = Readonly<Record<string, string | number | readonly string[]>>;

/** A handler's answer. It is a value, so a test of a handler is a function call. */
export interface Reply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body?: Uint8Array | Readable;
}

/** An answer without a body. 204 and 304 must not carry a Content-Length (RFC 9110 §8.6). */
export function empty(status: number, headers: ReplyHeaders = {}): Reply {
  const bodiless = status === 204 || status === 304;
  return { status, headers: bodiless ? headers : { ...headers, 'content-length': 0 } };
}

/** Returns exactly these bytes: no charset, no compression. */
export function bytes(status: number, body: Uint8Array, headers: ReplyHeaders): Reply {
  return { status, headers: { ...headers, 'content-length': body.byteLength }, body };
}

export function json(value: unknown, headers: ReplyHeaders = {}): Reply {
  return bytes(200, Buffer.from(JSON.stringify(value)), { 'content-type': 'application/json', ...headers });
}

/** Returns a stream of known length: a client can distinguish a cut answer from a complete one. */
export function stream(
  status: number,
  body: Readable,
  headers: ReplyHeaders & { readonly 'content-length': number },
): Reply {
  return { status, headers, body };
}
