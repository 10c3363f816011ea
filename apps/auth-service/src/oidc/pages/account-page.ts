import type { PageAnswer } from '@longshore/messaging';
import type { AccessToken, Session } from '@longshore/metadata';
import { type Html, markup } from './markup.ts';
import { pageAnswer } from './page.ts';
import { timeOf } from './time-of.ts';

export interface Account {
  readonly session: Session;
  /** Title of the provider. */
  readonly provider: string;
  readonly sessions: readonly Session[];
  readonly accessTokens: readonly AccessToken[];
  readonly csrf: string;
  /** Host of the registry, as docker names it. */
  readonly registry: string;
  /** Origins of the provider's logout page. */
  readonly logoutTargets: readonly string[];
}

/** The page of a person who is logged in. */
export function accountPage(account: Account): PageAnswer {
  const { session, provider, sessions, accessTokens, csrf, registry, logoutTargets } = account;
  const { userName, groups, email } = session;
  const body = markup`<p>
You are <strong>${userName}</strong>${email === undefined ? '' : ` (${email})`}, logged in with
${provider}. ${groups.length === 0 ? 'You are in no group.' : `Your groups: ${groups.join(', ')}.`}
</p>
<h2>Use the registry on this computer</h2>
<pre><code>longshore login ${registry}</code></pre>
<p>It shows a code, which you confirm here, and docker uses the registry as you from then on.</p>
<h2>Access tokens</h2>
<p>A token is a password for a program, such as docker on a machine where you cannot open this page.</p>
${accessTokens.length === 0 ? '' : tokenTable(accessTokens, csrf)}
<form method="post" action="/auth/access-tokens">
<input type="hidden" name="csrf" value="${csrf}">
<label for="token-name">Name</label>
<input id="token-name" name="name" required maxlength="100" autocomplete="off">
<label for="token-days">Days until it ends</label>
<input id="token-days" name="days" type="number" min="1" max="366" value="30" required>
<p><button type="submit">Make a token</button></p>
</form>
<h2>Sessions</h2>
<table>
<thead>
<tr>
<th scope="col">Where</th>
<th scope="col">Since</th>
<th scope="col">Until</th>
<th scope="col">End</th>
</tr>
</thead>
<tbody>
${sessions.map((each) => sessionRow(each, session, csrf))}
</tbody>
</table>
<h2>Log out</h2>
<div class="row">
${logoutForm('here', 'Log out', csrf)} ${logoutForm('everywhere', 'Log out everywhere', csrf)}
</div>`;
  return pageAnswer({ title: 'Your account', body, formTargets: logoutTargets });
}

function tokenTable(tokens: readonly AccessToken[], csrf: string): Html {
  return markup`<table>
<thead>
<tr>
<th scope="col">Name</th>
<th scope="col">Until</th>
<th scope="col">Last used</th>
<th scope="col">Revoke</th>
</tr>
</thead>
<tbody>
${tokens.map((token) => tokenRow(token, csrf))}
</tbody>
</table>`;
}

function tokenRow({ id, name, expiresAt, lastUsedAt }: AccessToken, csrf: string): Html {
  const until = expiresAt === undefined ? 'it does not end' : timeOf(expiresAt);
  const used = lastUsedAt === undefined ? 'never' : timeOf(lastUsedAt);
  return markup`<tr><td>${name}</td><td>${until}</td><td>${used}</td><td><form method="post" action="/auth/access-tokens">
<input type="hidden" name="csrf" value="${csrf}">
<button class="quiet" type="submit" name="revoke" value="${id}" aria-label="Revoke the token ${name}">Revoke</button>
</form></td></tr>`;
}

function sessionRow(each: Session, current: Session, csrf: string): Html {
  const { id, device, createdAt, expiresAt } = each;
  const end =
    id === current.id
      ? markup`this one`
      : markup`<form method="post" action="/auth/logout">
<input type="hidden" name="csrf" value="${csrf}">
<button class="quiet" type="submit" name="session" value="${id}" aria-label="End the session ${device}">End</button>
</form>`;
  return markup`<tr><td>${device}</td><td>${timeOf(createdAt)}</td><td>${timeOf(expiresAt)}</td><td>${end}</td></tr>`;
}

function logoutForm(session: 'here' | 'everywhere', title: string, csrf: string): Html {
  return markup`<form method="post" action="/auth/logout">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit" name="session" value="${session}">${title}</button>
</form>`;
}
