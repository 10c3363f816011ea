import { userNamed } from '@longshore/authorization';
import type { PageAnswer, PageCall } from '@longshore/messaging';
import type { Database, Session } from '@longshore/metadata';
import { OciError } from '@longshore/oci';
import { nowInSeconds } from '../now-in-seconds.ts';
import { type Attempt, attemptLife, Attempts, type Next } from './attempt.ts';
import { clearCookie, readCookie, setCookie } from './cookies.ts';
import { deviceNameOf, userCodeOf } from './device-text.ts';
import { Devices } from './devices.ts';
import { Form } from './form.ts';
import { LoginRefused } from './login-refused.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { accessTokenPage } from './pages/access-token-page.ts';
import { accountPage } from './pages/account-page.ts';
import { loginPage, messagePage, refusedPage } from './pages/login-pages.ts';
import { jsonPage, redirectAnswer } from './pages/page.ts';
import { PersonalTokens } from './personal-tokens.ts';
import type { OidcProvider, ProviderLogin } from './provider.ts';
import { csrfTokenOf, isCsrfToken } from './session-secrets.ts';
import { identityOf, Sessions } from './sessions.ts';

interface Asked {
  readonly call: PageCall;
  readonly form: Form;
}

/** A session, and the secret of its cookie. */
interface LoggedIn {
  readonly session: Session;
  readonly secret: string;
}

export interface LoginDeskParts {
  readonly settings: OidcSettings;
  readonly database: Database;
  readonly providers: ReadonlyMap<string, OidcProvider>;
  /** Tells whether a source other than the providers has an account of this name. */
  readonly isTaken: (userName: string) => Promise<boolean>;
  /** Told of each refused login, with its cause. */
  readonly refused: (refused: LoginRefused, provider: string) => void;
}

/** The pages and endpoints of login by OpenID Connect. Every target of a redirect is fixed, and no page shows text of a request. */
export class LoginDesk {
  readonly sessions: Sessions;
  readonly #parts: LoginDeskParts;
  readonly #attempts: Attempts;
  readonly #devices: Devices;
  readonly #accessTokens: PersonalTokens;

  constructor(parts: LoginDeskParts) {
    const { settings, database } = parts;
    this.#parts = parts;
    this.#attempts = new Attempts(settings.secret);
    this.sessions = new Sessions(database, settings);
    this.#devices = new Devices(database, settings, this.sessions);
    this.#accessTokens = new PersonalTokens(database);
  }

  /** @throws OciError for a request that no page of ours makes */
  answer(call: PageCall): Promise<PageAnswer> {
    const form = new Form(call.parameters);
    if (!form.isPlain)
      throw new OciError('UNSUPPORTED', { reason: 'a parameter repeats or is too long' }, { status: 400 });
    const asked = { call, form };
    switch (call.page) {
      case 'login':
        return this.#account(asked);
      case 'login-start':
        return this.#start(asked);
      case 'login-callback':
        return this.#callback(asked);
      case 'access-tokens':
        return this.#submitted(asked, (session) => this.#changeAccessTokens(form, session));
      case 'logout':
        return this.#submitted(asked, (session) => this.#logout(form, session));
      case 'back-channel-logout':
        return this.#backChannelLogout(asked);
      case 'device':
        return this.#device(asked);
      case 'device-code':
        return this.#devices.begin(form, call.address);
      case 'device-token':
        return this.#devices.token(form);
      case 'device-revoke':
        return this.#devices.revoke(form);
    }
  }

  async #account({ call }: Asked): Promise<PageAnswer> {
    const { providers, baseUrl } = this.#parts.settings;
    const loggedIn = await this.#loggedIn(call);
    if (loggedIn === undefined) return loginPage(providers, undefined);
    const { session, secret } = loggedIn;
    const page = accountPage({
      session,
      sessions: await this.sessions.ofSamePerson(session),
      accessTokens: await this.#accessTokens.of(session.userName),
      provider: this.#parts.providers.get(session.provider)?.settings.title ?? session.provider,
      csrf: csrfTokenOf(secret),
      registry: new URL(baseUrl).host,
      logoutTargets: await this.#logoutTargets(session),
    });
    return { ...page, identity: identityOf(session) };
  }

  async #start({ call, form }: Asked): Promise<PageAnswer> {
    const provider = this.#provider(call);
    const userCode = userCodeOf(form.get('user_code'));
    const next: Next = userCode === undefined ? { page: 'account' } : { page: 'device', userCode };
    return this.#orRefused(provider, [], async () => {
      const { url, ...secrets } = await provider.begin();
      const attempt: Attempt = { provider: provider.settings.name, next, ...secrets };
      const cookie = setCookie('attempt', this.#attempts.write(attempt, nowInSeconds()), attemptLife);
      return redirectAnswer(url, [cookie]);
    });
  }

  async #callback({ call }: Asked): Promise<PageAnswer> {
    const provider = this.#provider(call);
    const cookies = [clearCookie('attempt')];
    return this.#orRefused(provider, cookies, async () => {
      const attempt = this.#attempts.read(readCookie(call.cookie, 'attempt') ?? '', nowInSeconds());
      if (attempt === undefined) throw new LoginRefused('no attempt');
      // Each provider has a redirect URI of its own, so a code that another one issued is not sent to this one (RFC 9207, mix-up).
      if (attempt.provider !== provider.settings.name) throw new LoginRefused('wrong answer');
      const login = await provider.finish(
        new URLSearchParams(call.parameters.map(([name, value]) => [name, value])),
        attempt,
      );
      const { secret, userName } = await this.#begin(login, attempt, call.userAgent);
      const cookie = setCookie('session', secret, this.#parts.settings.sessionLife);
      return {
        ...redirectAnswer(targetOf(attempt.next), [...cookies, cookie]),
        identity: { ...userNamed(userName), credential: { kind: 'assertion' } },
      };
    });
  }

  async #begin(
    login: ProviderLogin,
    { state }: Attempt,
    userAgent: string,
  ): Promise<{ readonly secret: string; readonly userName: string }> {
    if (await this.#parts.isTaken(login.userName)) throw new LoginRefused('name taken');
    const device = deviceNameOf(userAgent, 'a browser');
    const outcome = await this.sessions.begin(login, { state, device });
    if (outcome.kind !== 'logged in') throw new LoginRefused(outcome.kind);
    return outcome;
  }

  /** Answers a form of a page of the session. @throws OciError DENIED for a form of another site */
  async #submitted(
    { call, form }: Asked,
    answer: (session: Session) => Promise<PageAnswer>,
  ): Promise<PageAnswer> {
    const loggedIn = await this.#loggedIn(call);
    if (loggedIn === undefined) return redirectAnswer('/auth/login', [clearCookie('session')]);
    const { session } = loggedIn;
    this.#requireOwnForm(call, form, loggedIn);
    return { ...(await answer(session)), identity: identityOf(session) };
  }

  async #changeAccessTokens(form: Form, { userName }: Session): Promise<PageAnswer> {
    const revoked = form.get('revoke');
    if (revoked !== undefined) {
      await this.#accessTokens.revoke(userName, revoked);
      return redirectAnswer('/auth/login');
    }
    const added = await this.#accessTokens.add(userName, { name: form.get('name'), days: form.get('days') });
    if (typeof added === 'string') return messagePage('No token was made', added);
    return accessTokenPage({ ...added, userName, registry: new URL(this.#parts.settings.baseUrl).host });
  }

  async #logout(form: Form, session: Session): Promise<PageAnswer> {
    const which = form.get('session');
    if (which === undefined)
      throw new OciError('UNSUPPORTED', { reason: 'session is required' }, { status: 400 });
    if (which !== 'here' && which !== 'everywhere') {
      const own = (await this.sessions.ofSamePerson(session)).some(({ id }) => id === which);
      if (own) await this.sessions.end(which);
      return redirectAnswer('/auth/login');
    }
    const provider = this.#parts.providers.get(session.provider);
    const tokens = this.sessions.tokens.open(session.tokens, session.loginId);
    if (which === 'here') await this.sessions.end(session.id);
    else await this.sessions.endAllOf(session.userId);
    const { baseUrl } = this.#parts.settings;
    const away = await provider?.logoutUrl(tokens, `${baseUrl}/auth/login`).catch(() => undefined);
    return redirectAnswer(away ?? '/auth/login', [clearCookie('session')]);
  }

  async #backChannelLogout({ call, form }: Asked): Promise<PageAnswer> {
    const provider = this.#provider(call);
    const { name } = provider.settings;
    try {
      const { subject, session } = await provider.readLogoutToken(form.get('logout_token') ?? '');
      // Without a session the provider means all of the person's (section 2.5).
      if (session !== undefined) await this.sessions.endProviderSession(name, session);
      else if (subject !== undefined) await this.sessions.endPerson(name, subject);
      return { status: 200, headers: { 'cache-control': 'no-store' }, cookies: [], body: '' };
    } catch (error) {
      if (!(error instanceof LoginRefused)) throw error;
      this.#parts.refused(error, name);
      return jsonPage(error.status, { error: 'invalid_request' });
    }
  }

  async #device({ call, form }: Asked): Promise<PageAnswer> {
    const loggedIn = await this.#loggedIn(call);
    const { providers } = this.#parts.settings;
    if (loggedIn === undefined) return loginPage(providers, userCodeOf(form.get('user_code')));
    const { session, secret } = loggedIn;
    if (call.method === 'GET') return this.#devices.page(form.get('user_code'), session, secret);
    this.#requireOwnForm(call, form, loggedIn);
    return { ...(await this.#devices.decide(form, session)), identity: identityOf(session) };
  }

  /** @throws OciError DENIED unless the form is one that we gave this session */
  #requireOwnForm({ origin }: PageCall, form: Form, { secret }: LoggedIn): void {
    const isOurs = origin === undefined || origin === new URL(this.#parts.settings.baseUrl).origin;
    if (!isOurs || !isCsrfToken(form.get('csrf'), secret))
      throw new OciError('DENIED', { reason: 'the form is not of this session' });
  }

  async #loggedIn({ cookie }: PageCall): Promise<LoggedIn | undefined> {
    const secret = readCookie(cookie, 'session');
    const session = await this.sessions.ofBrowser(secret);
    return session === undefined || secret === undefined ? undefined : { session, secret };
  }

  #provider({ provider: name = '' }: PageCall): OidcProvider {
    const provider = this.#parts.providers.get(name);
    if (provider === undefined) throw new OciError('NOT_FOUND', { reason: 'no provider has this name' });
    return provider;
  }

  /** Browsers apply `form-action` to the redirect after a form as well. */
  async #logoutTargets({ provider: name, tokens, loginId }: Session): Promise<string[]> {
    const own = this.sessions.tokens.open(tokens, loginId);
    const url = await this.#parts.providers
      .get(name)
      ?.logoutUrl(own, '')
      .catch(() => undefined);
    return url === undefined ? [] : [new URL(url).origin];
  }

  async #orRefused(
    { settings: { name } }: OidcProvider,
    cookies: readonly string[],
    work: () => Promise<PageAnswer>,
  ): Promise<PageAnswer> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LoginRefused)) throw error;
      this.#parts.refused(error, name);
      return refusedPage(error, cookies);
    }
  }
}

function targetOf(next: Next): string {
  return next.page === 'account'
    ? '/auth/login'
    : `/auth/device?user_code=${encodeURIComponent(next.userCode)}`;
}
