import type { PageAnswer } from '@longshore/messaging';
import type { AddedToken } from '../personal-tokens.ts';
import { markup } from './markup.ts';
import { pageAnswer } from './page.ts';
import { timeOf } from './time-of.ts';

export interface NewTokenPage extends AddedToken {
  readonly userName: string;
  /** Host of the registry, as docker names it. */
  readonly registry: string;
}

/** Shows the secret of a new access token, once. */
export function accessTokenPage({ name, secret, expiresAt, userName, registry }: NewTokenPage): PageAnswer {
  const body = markup`<p>
This is the access token <strong>${name}</strong>. It is shown once, and ends on ${timeOf(expiresAt)}. Keep it as you keep a password.
</p>
<pre><code>${secret}</code></pre>
<h2>Log in with it</h2>
<pre><code>docker login --username ${userName} ${registry}</code></pre>
<p>Type the token where docker asks for the password.</p>
<p><a href="/auth/login">Back to your account</a></p>`;
  return pageAnswer({ title: 'Your access token', body });
}
