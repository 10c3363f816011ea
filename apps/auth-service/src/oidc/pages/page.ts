import { createHash } from 'node:crypto';
import type { PageAnswer } from '@longshore/messaging';
import { jsonAnswer } from '../../tokens/oauth-error.ts';
import { Html, markup } from './markup.ts';

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 42rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
a, button { font: inherit; }
.choice, button { background: #0b57d0; border: 0; border-radius: .4rem; color: #fff; cursor: pointer; display: inline-block; padding: .5rem 1rem; text-decoration: none; }
button.quiet { background: transparent; border: 1px solid; color: inherit; }
:focus-visible { outline: 3px solid #f9ab00; outline-offset: 2px; }
label { display: block; margin: .8rem 0 .2rem; }
input { font: inherit; padding: .4rem; width: 100%; max-width: 24rem; box-sizing: border-box; }
pre { border: 1px solid; border-radius: .4rem; overflow-x: auto; padding: .8rem; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid; padding: .4rem; text-align: left; }
form { margin: .6rem 0; } .row form { display: inline-block; margin-right: .5rem; }`;

const styleHash = createHash('sha256').update(style).digest('base64');

export interface Page {
  readonly title: string;
  readonly body: Html;
  readonly status?: number;
  readonly cookies?: readonly string[];
  /** Origins besides our own that a form may lead to: browsers apply `form-action` to redirects as well. */
  readonly formTargets?: readonly string[];
}

/** A whole document. It runs no script, loads nothing, cannot be framed, and is kept by no cache. */
export function pageAnswer({ title, body, status = 200, cookies = [], formTargets = [] }: Page): PageAnswer {
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return {
    status,
    headers: { ...guarded(formTargets), 'content-type': 'text/html; charset=utf-8' },
    cookies,
    body: document.text,
  };
}

/** Answers a program, as the token endpoint does. */
export function jsonPage(...answer: Parameters<typeof jsonAnswer>): PageAnswer {
  return { ...jsonAnswer(...answer), cookies: [] };
}

/** Sends the browser to a fixed target of ours, or to the provider. */
export function redirectAnswer(location: string, cookies: readonly string[] = []): PageAnswer {
  return { status: 303, headers: { ...guarded([]), location }, cookies, body: '' };
}

function guarded(formTargets: readonly string[]): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'sha256-${styleHash}'`,
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'cross-origin-opener-policy': 'same-origin',
    // With no-referrer a form of ours would be sent with `Origin: null`.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
