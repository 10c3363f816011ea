import type { RedirectOptions } from './storage-driver.ts';

export interface RedirectRequest extends RedirectOptions {
  /** Where the object lies in the store, with the driver's root directory, and without a slash before it. */
  readonly path: string;
  /** What the driver, or the step before this one, would answer. */
  readonly url: string | undefined;
}

/** Changes where clients are sent: distribution's storage middleware. Undefined: nowhere, the registry serves the bytes. */
export type RedirectStep = (request: RedirectRequest) => Promise<string | undefined>;

/** @returns `base` with a path behind its own */
export function below(base: string, path: string): URL {
  const url = new URL(base);
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${encoded}`;
  return url;
}
