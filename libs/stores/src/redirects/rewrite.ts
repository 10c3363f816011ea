import { below, type RedirectStep } from '@longshore/storage';

export interface RewriteOptions {
  readonly scheme?: string | undefined;
  readonly host?: string | undefined;
  readonly trimpathprefix?: string | undefined;
}

/** distribution's `redirect`: a server that has the same objects below `baseurl`, and lets whom it likes read them. */
export function redirectTo({ baseurl }: { readonly baseurl: string }): RedirectStep {
  return ({ path }) => Promise.resolve(below(baseurl, path).href);
}

/** distribution's `rewrite`: another scheme or host, or a shorter path, in the URLs that the driver makes. A signature that covers them breaks. */
export function rewrite({ scheme, host, trimpathprefix }: RewriteOptions): RedirectStep {
  return ({ url }) => {
    if (url === undefined) return Promise.resolve(undefined);
    // Text, since URL's setters refuse to change between some schemes.
    const before = new URL(url);
    const path =
      trimpathprefix !== undefined && before.pathname.startsWith(trimpathprefix)
        ? before.pathname.slice(trimpathprefix.length)
        : before.pathname;
    const origin = `${scheme ?? before.protocol.slice(0, -1)}://${host ?? before.host}`;
    return Promise.resolve(`${origin}/${path.replace(/^\/+/, '')}${before.search}`);
  };
}
