import { randomUUID } from 'node:crypto';
import type { PageAnswer } from '@longshore/messaging';
import {
  addDeviceCode,
  Database,
  decideDeviceCode,
  type Poll,
  pollDeviceCode,
  type Session,
  sessionWithSecret,
  waitingDevice,
} from '@longshore/metadata';
import { deviceNameOf, randomUserCode, userCodeOf } from './device-text.ts';
import type { Form } from './form.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { confirmDevicePage, deviceCodePage, messagePage } from './pages/login-pages.ts';
import { jsonPage } from './pages/page.ts';
import { type DeviceSecrets, identityOf, type Sessions } from './sessions.ts';
import { accessLife, csrfTokenOf, hashOf, randomRefreshSecret, randomSecret } from './session-secrets.ts';

/** Seconds. */
const codeLife = 600;
/** Seconds between two questions of a device. */
const pollInterval = 5;
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Device authorization (RFC 8628): a terminal shows a code, and a person who is logged in confirms it on the page. */
export class Devices {
  readonly #database: Database;
  readonly #settings: OidcSettings;
  readonly #sessions: Sessions;

  constructor(database: Database, settings: OidcSettings, sessions: Sessions) {
    this.#database = database;
    this.#settings = settings;
    this.#sessions = sessions;
  }

  /** Section 3.1. @param address of the terminal */
  async begin(form: Form, address: string): Promise<PageAnswer> {
    if (form.get('client_id') === undefined) return oauthError(400, 'invalid_request');
    const [code, userCode] = [randomSecret(), randomUserCode()];
    const device = deviceNameOf(form.get('device'), 'a terminal');
    const { db } = this.#database;
    const hash = hashOf(code);
    if (!(await addDeviceCode(db, { userCode, device, address, hash, lifeSeconds: codeLife })))
      return oauthError(429, 'slow_down', { 'retry-after': '60' });
    const page = `${this.#settings.baseUrl}/auth/device`;
    return jsonPage(200, {
      device_code: code,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${userCode}`,
      expires_in: codeLife,
      interval: pollInterval,
    });
  }

  /** Section 3.4, and the refresh of the session that it gave (RFC 6749, section 6). */
  async token(form: Form): Promise<PageAnswer> {
    const grant = form.get('grant_type');
    const [code, refresh] = [form.get('device_code'), form.get('refresh_token')];
    if (form.get('client_id') === undefined) return oauthError(400, 'invalid_request');
    if (grant === deviceGrant)
      return code === undefined ? oauthError(400, 'invalid_request') : this.#poll(code);
    if (grant === 'refresh_token')
      return refresh === undefined ? oauthError(400, 'invalid_request') : this.#refresh(refresh);
    return oauthError(400, 'unsupported_grant_type');
  }

  /** RFC 7009: the answer is the same for a token that is none. */
  async revoke(form: Form): Promise<PageAnswer> {
    const token = form.get('token');
    if (token === undefined) return oauthError(400, 'invalid_request');
    const session = await sessionWithSecret(this.#database.db, hashOf(token), this.#settings.confirmation);
    if (session?.kind !== 'device') return jsonPage(200, {});
    await this.#sessions.end(session.id);
    return { ...jsonPage(200, {}), identity: identityOf(session) };
  }

  /** The page at which a person who is logged in sees what asks. */
  async page(text: string | undefined, session: Session, secret: string): Promise<PageAnswer> {
    if (text === undefined) return deviceCodePage(undefined);
    const userCode = userCodeOf(text);
    const waiting = userCode === undefined ? undefined : await waitingDevice(this.#database.db, userCode);
    if (waiting === undefined) return deviceCodePage('No device waits with this code. It may have expired.');
    return confirmDevicePage(waiting, { userName: session.userName, csrf: csrfTokenOf(secret) });
  }

  /** The answer to that page's form. */
  async decide(form: Form, { loginId }: Session): Promise<PageAnswer> {
    const userCode = userCodeOf(form.get('user_code'));
    const isConfirmed = form.get('decision') === 'confirm';
    const isDecided =
      userCode !== undefined &&
      (await decideDeviceCode(this.#database.db, userCode, isConfirmed ? loginId : undefined));
    if (!isDecided) return deviceCodePage('No device waits with this code. It may have expired.');
    return isConfirmed
      ? messagePage('Device confirmed', 'You may close this page and return to the terminal.')
      : messagePage('Device denied', 'The terminal gets no access.');
  }

  async #poll(code: string): Promise<PageAnswer> {
    const [id, refresh] = [randomUUID(), randomRefreshSecret()];
    const session = { id, secretHash: hashOf(refresh), lifeSeconds: this.#settings.deviceLife };
    const poll = await pollDeviceCode(this.#database.db, hashOf(code), {
      session,
      intervalSeconds: pollInterval,
    });
    if (poll !== 'approved') return oauthError(400, pollErrors[poll]);
    const begun = await sessionWithSecret(this.#database.db, session.secretHash, this.#settings.confirmation);
    return begun === undefined
      ? oauthError(400, 'access_denied')
      : tokenAnswer(begun, this.#sessions.secretsOf(id, refresh));
  }

  async #refresh(refresh: string): Promise<PageAnswer> {
    const rotated = await this.#sessions.rotate(refresh);
    return rotated === undefined
      ? oauthError(400, 'invalid_grant')
      : tokenAnswer(rotated.session, rotated.secrets);
  }
}

/** Section 3.5. */
const pollErrors: Readonly<Record<Exclude<Poll, 'approved'>, string>> = {
  pending: 'authorization_pending',
  'slow down': 'slow_down',
  denied: 'access_denied',
  expired: 'expired_token',
  unknown: 'invalid_grant',
};

/** `username` is ours: the name that docker sends with the access token as password. */
function tokenAnswer(session: Session, { access, refresh }: DeviceSecrets): PageAnswer {
  const answer = jsonPage(200, {
    access_token: access,
    token_type: 'Bearer',
    expires_in: accessLife,
    refresh_token: refresh,
    username: session.userName,
  });
  return { ...answer, identity: identityOf(session) };
}

const oauthError = (status: number, error: string, headers: Record<string, string> = {}): PageAnswer =>
  jsonPage(status, { error }, headers);
