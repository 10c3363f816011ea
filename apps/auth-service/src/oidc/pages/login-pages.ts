import type { PageAnswer } from '@longshore/messaging';
import type { WaitingDevice } from '@longshore/metadata';
import type { LoginRefused } from '../login-refused.ts';
import type { ProviderSettings } from '../oidc-settings.ts';
import { markup } from './markup.ts';
import { pageAnswer } from './page.ts';

/** @param userCode of the device that the person came to confirm */
export function loginPage(providers: readonly ProviderSettings[], userCode: string | undefined): PageAnswer {
  const query = userCode === undefined ? '' : `?user_code=${encodeURIComponent(userCode)}`;
  const choices = providers.map(
    ({ name, title }) =>
      markup`<p><a class="choice" href="/auth/login/${name}${query}">Log in with ${title}</a></p>`,
  );
  const why =
    userCode === undefined
      ? markup``
      : markup`<p>Log in to confirm the device with the code <strong>${userCode}</strong>.</p>`;
  return pageAnswer({ title: 'Log in to the registry', body: markup`${why}${choices}` });
}

export function refusedPage(refused: LoginRefused, cookies: readonly string[]): PageAnswer {
  const body = markup`<p role="alert">${refused.message}</p>
<p><a href="/auth/login">Begin again</a></p>`;
  return pageAnswer({ title: 'Not logged in', body, status: refused.status, cookies });
}

export function messagePage(title: string, message: string, status = 200): PageAnswer {
  const body = markup`<p role="${status < 400 ? 'status' : 'alert'}">${message}</p>
<p><a href="/auth/login">Your account</a></p>`;
  return pageAnswer({ title, body, status });
}

/** Asks for the code that the device shows. */
export function deviceCodePage(message: string | undefined): PageAnswer {
  const alert = message === undefined ? markup`` : markup`<p role="alert">${message}</p>`;
  const body = markup`${alert}
<form method="get" action="/auth/device">
<label for="user_code">Code that the terminal shows</label>
<input
id="user_code"
name="user_code"
required
autocomplete="off"
autocapitalize="characters"
spellcheck="false"
maxlength="20"
/>
<p><button type="submit">Continue</button></p>
</form>`;
  return pageAnswer({ title: 'Confirm a device', body, status: message === undefined ? 200 : 400 });
}

export function confirmDevicePage(
  { userCode, device, address }: WaitingDevice,
  { userName, csrf }: { readonly userName: string; readonly csrf: string },
): PageAnswer {
  const body = markup`<p>
A terminal asks to act as <strong>${userName}</strong>. Confirm only if you began this yourself, and if
it shows this code.
</p>
<table>
<tr>
<th scope="row">Code</th>
<td><strong>${userCode}</strong></td>
</tr>
<tr>
<th scope="row">Device</th>
<td>${device}</td>
</tr>
<tr>
<th scope="row">Address</th>
<td>${address}</td>
</tr>
</table>
<form method="post" action="/auth/device">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="user_code" value="${userCode}">
<p class="row">
<button type="submit" name="decision" value="confirm">Confirm</button>
<button type="submit" class="quiet" name="decision" value="deny">Deny</button>
</p>
</form>`;
  return pageAnswer({ title: 'Confirm a device', body });
}
