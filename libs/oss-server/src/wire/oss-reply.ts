import type { OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

export interface OssReply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** A stream's length must be in the headers. */
  readonly body?: string | Readable;
}

export function xml(body: string, headers: OutgoingHttpHeaders = {}): OssReply {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body };
}

export const noContent: OssReply = { status: 204 };

/** Quotes an ETag as OSS does in headers and documents. */
export function quoted(etag: string): string {
  return `"${etag}"`;
}

/** Encodes as OSS does: names if the request has `encoding-type=url`, and paths and queries in a V4 signature. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
