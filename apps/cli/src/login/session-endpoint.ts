import { isIPv4 } from 'node:net';
import type { StoredSession } from './stored-sessions.ts';

/** Milliseconds. */
const deadline = 30_000;
const grant = 'urn:ietf:params:oauth:grant-type:device_code';
const clientId = 'longshore-cli';

export interface DeviceCode {
  readonly device_code: string;
  readonly user_code: string;
  /** The page on which a person confirms the code. */
  readonly verification_uri_complete: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds. */
  readonly interval: number;
}

interface TokenAnswer {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly username?: string;
  /** Seconds. */
  readonly expires_in?: number;
  readonly error?: string;
}

/** The registry's word that it gives no session: `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`. */
export class NoSession extends Error {
  override readonly name = 'NoSession';
}

/**
 * Returns where a registry answers: loopback over http, as docker does, and everything else over https. A name such as 127.example.com is no loopback.
 * @returns undefined if no host is named
 */
export function originOf(registry: string): string | undefined {
  const isUrl = /^https?:\/\//.test(registry);
  const url = isUrl ? registry : `https://${registry}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname, host, origin } = new URL(url);
  if (isUrl) return origin;
  const isLocal =
    hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
  return `${isLocal ? 'http' : 'https'}://${host}`;
}

/** @throws Error if the registry has no login of this kind, or does not answer */
export async function beginDevice(origin: string, device: string): Promise<DeviceCode> {
  const { status, document } = await post<Partial<DeviceCode>>(origin, '/auth/device/code', {
    client_id: clientId,
    device,
  });
  const { device_code: code, user_code: userCode } = document;
  if (status === 404) throw new Error(`${origin} has no login by OpenID Connect`);
  if (status !== 200 || code === undefined || userCode === undefined)
    throw new Error(`${origin} answers with status ${status}`);
  // The person opens this page, so no answer may lead elsewhere.
  const page = new URL('/auth/device', origin).href;
  return {
    device_code: code,
    user_code: userCode,
    verification_uri_complete: `${page}?user_code=${encodeURIComponent(userCode)}`,
    expires_in: document.expires_in ?? 600,
    interval: document.interval ?? 5,
  };
}

/** @throws NoSession */
export function pollDevice(origin: string, code: string): Promise<StoredSession> {
  return tokens(origin, { grant_type: grant, device_code: code });
}

/** @throws NoSession if the session has ended */
export function refreshSession({ origin, refresh }: StoredSession): Promise<StoredSession> {
  return tokens(origin, { grant_type: 'refresh_token', refresh_token: refresh });
}

/** Ends the session at the registry, as far as it still is one. */
export async function endSession({ origin, refresh }: StoredSession): Promise<void> {
  await post(origin, '/auth/device/revoke', { client_id: clientId, token: refresh });
}

async function tokens(origin: string, form: Readonly<Record<string, string>>): Promise<StoredSession> {
  const { status, document } = await post<TokenAnswer>(origin, '/auth/device/token', {
    client_id: clientId,
    ...form,
  });
  const { access_token: access, refresh_token: refresh, username, expires_in: life = 0, error } = document;
  if (error !== undefined) throw new NoSession(error);
  if (status !== 200 || access === undefined || refresh === undefined || username === undefined)
    throw new Error(`${origin} answers with status ${status}`);
  return { origin, username, access, accessUntil: Date.now() + life * 1000, refresh };
}

async function post<T extends object>(
  origin: string,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly document: T | Partial<T> }> {
  const answer = await fetch(new URL(path, origin), {
    method: 'POST',
    body: new URLSearchParams(form),
    redirect: 'error',
    signal: AbortSignal.timeout(deadline),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  const document: T | Partial<T> = isJson ? JSON.parse(text) : {};
  return { status: answer.status, document };
}
