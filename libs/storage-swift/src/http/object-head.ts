import type { HttpAnswer } from './http-call.ts';

export interface ObjectHead {
  /** Size in bytes; of a large object, the size of all its segments. */
  readonly size: number;
  readonly modifiedAt: Date;
  /** Without quotes. */
  readonly etag: string;
  readonly isStaticLarge: boolean;
  /** Container, slash and segment prefix of a dynamic large object. */
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

/** Returns the object's time. Last-Modified has only seconds; Swift itself orders by the timestamp. */
function modifiedAtOf(answer: HttpAnswer): Date {
  const seconds = Number(answer.header('x-timestamp') ?? Number.NaN);
  return new Date(Number.isNaN(seconds) ? (answer.header('last-modified') ?? '') : seconds * 1000);
}

/** Returns an identity of the object. A dynamic large object with many segments has no ETag, so its timestamp is part of it. */
export function identityOf(answer: HttpAnswer): string {
  const time = answer.header('x-timestamp') ?? answer.header('last-modified') ?? '';
  return `${unquoted(answer.header('etag') ?? '')}@${time}`;
}

/** Removes the quotes, which Swift adds only to ETags of large objects. */
export function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
