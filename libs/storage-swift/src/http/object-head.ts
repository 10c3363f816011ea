import type { HttpAnswer } from './http-call.ts';

export interface ObjectHead {
  /** Bytes; of a large object, of all its segments. */
  readonly size: number;
  readonly modifiedAt: Date;
  /** Without quotes. */
  readonly etag: string;
  readonly isStaticLarge: boolean;
  /** Of a dynamic large object: container, slash and prefix of its segments. */
  readonly dynamicManifest: string | undefined;
}

export function headOf(answer: HttpAnswer): ObjectHead {
  const manifest = answer.header('x-object-manifest');
  return {
    size: Number(answer.header('content-length')),
    modifiedAt: modifiedAtOf(answer),
    etag: unquoted(answer.header('etag') ?? ''),
    isStaticLarge: answer.header('x-static-large-object')?.toLowerCase() === 'true',
    dynamicManifest: manifest === undefined ? undefined : decodeURIComponent(manifest),
  };
}

/** Last-Modified has seconds only; Swift itself orders by this one. */
function modifiedAtOf(answer: HttpAnswer): Date {
  const seconds = Number(answer.header('x-timestamp') ?? Number.NaN);
  return new Date(Number.isNaN(seconds) ? (answer.header('last-modified') ?? '') : seconds * 1000);
}

/** A dynamic large object with many segments has no ETag; what was written at another time is another object. */
export function identityOf(answer: HttpAnswer): string {
  const time = answer.header('x-timestamp') ?? answer.header('last-modified') ?? '';
  return `${unquoted(answer.header('etag') ?? '')}@${time}`;
}

/** Swift quotes the ETags of large objects, and no others. */
export function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
