import { type Answer, exchange } from '@longshore/testing';
import { signV1, stringToSignV1 } from './authorization/v1-signature.ts';
import type { OssServer } from './index.ts';

interface SignedOptions {
  readonly method?: string;
  readonly bucket?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Names the bucket by a host name instead of the path. */
  readonly host?: string;
  readonly date?: Date;
}

/** Sends a request that no SDK would send, with a valid V1 signature. */
export function signedExchange(server: OssServer, key: string, options: SignedOptions = {}): Promise<Answer> {
  const { method = 'GET', bucket = server.bucket, query = {}, host, body, date = new Date() } = options;
  const headers = { ...options.headers, 'x-oss-date': date.toUTCString() };
  const toSign = stringToSignV1(
    { method, bucket, key, headers, query: new Map(Object.entries(query)) },
    date.toUTCString(),
  );
  const authorization = `OSS ${server.accessKeyId}:${signV1(server.accessKeySecret, toSign)}`;
  const encoded = encodeURI(key);
  const path = host === undefined ? `/${bucket}/${encoded}` : `/${encoded}`;
  const search = Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query).toString()}`;
  return exchange(server.endpoint, `${path}${search}`, {
    method,
    headers: { ...headers, authorization, ...(host === undefined ? {} : { host }) },
    ...(body === undefined ? {} : { body }),
  });
}

/** Returns the text of an element of the answer's document. */
export function elementOf({ body }: Answer, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(body.toString())?.[1];
}
