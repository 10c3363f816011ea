import { below, type RedirectStep } from '@longshore/storage';

export interface RewriteOptions {
  readonly scheme?: string | undefined;
  readonly host?: string | undefined;
  readonly trimpathprefix?: string | undefined;
}

/** distribution's `redirect`: redirects to a server with the same objects below `baseurl`. That server decides who may read them. */
export function redirectTo({ baseurl }: { readonly baseurl: string }): RedirectStep {
  return ({ path }) => Promise.resolve(below(baseurl, path).href);
}

/** distribution's `rewrite`: changes the scheme or host, or shortens the path, of the driver's URLs. A signature that covers them becomes invalid. */
export function rewrite({ scheme, host, trimpathprefix }: RewriteOptions): RedirectStep {
  return ({ url }) => {
    if (url === undefined) return Promise.resolve(undefined);
    // Edit the text, since URL's setters refuse to change between some schemes.
    const before = new URL(url);
    const path =
      trimpathprefix !== undefined && before.pathname.startsWith(trimpathprefix)
        ? before.pathname.slice(trimpathprefix.length)
        : before.pathname;
    const origin = `${scheme ?? before.protocol.slice(0, -1)}://${host ?? before.host}`;
    return Promise.resolve(`${origin}/${path.replace(/^\/+/, '')}${before.search}`);
  };
}
