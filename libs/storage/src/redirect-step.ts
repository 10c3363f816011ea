import type { RedirectOptions } from './storage-driver.ts';

export interface RedirectRequest extends RedirectOptions {
  /** The path of the object in the store, with the driver's root directory and without a leading slash. */
  readonly path: string;
  /** The answer of the driver, or of the step before. */
  readonly url: string | undefined;
}

/** Changes the URL that clients are redirected to: distribution's storage middleware. Undefined means no redirect; the registry serves the bytes. */
export type RedirectStep = (request: RedirectRequest) => Promise<string | undefined>;

/** @returns `base` with `path` appended to its own path */
export function below(base: string, path: string): URL {
  const url = new URL(base);
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${encoded}`;
  return url;
}
