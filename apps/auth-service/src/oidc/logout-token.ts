import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { LoginRefused } from './login-refused.ts';

/** What a provider says of a logout that happened elsewhere (OpenID Connect Back-Channel Logout 1.0). */
export interface LogoutToken {
  readonly subject: string | undefined;
  readonly session: string | undefined;
}

const event = 'http://schemas.openid.net/event/backchannel-logout';
/** Seconds. A token that was kept says nothing about now. */
const oldest = 300;
/** Characters. */
const longest = 16_384;
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

export interface LogoutTokenChecks {
  readonly issuer: string;
  readonly audience: string;
  /** URL of the provider's keys. */
  readonly keys: string;
  readonly fetch: (url: string) => Promise<Response>;
}

/** Verifies as section 2.6 demands. A replay ends sessions that have already ended, so tokens are not remembered. @throws LoginRefused */
export async function readLogoutToken(
  token: string,
  { issuer, audience, keys, fetch }: LogoutTokenChecks,
): Promise<LogoutToken> {
  if (token.length > longest) throw new LoginRefused('wrong answer');
  try {
    const keySet = createRemoteJWKSet(new URL(keys), { [customFetch]: fetch });
    const { payload } = await jwtVerify(token, keySet, {
      issuer,
      audience,
      algorithms,
      maxTokenAge: oldest,
      clockTolerance: 30,
      requiredClaims: ['iat', 'jti', 'events'],
    });
    const { sub: subject, sid: session, events, nonce } = payload;
    const isLogout = typeof events === 'object' && events !== null && event in events;
    // An ID token would also be signed by the provider, for us. It has a nonce and no event.
    if (!isLogout || nonce !== undefined) throw new LoginRefused('wrong answer');
    if (session !== undefined && typeof session !== 'string') throw new LoginRefused('wrong answer');
    if (subject === undefined && session === undefined) throw new LoginRefused('wrong answer');
    return { subject, session };
  } catch (cause) {
    throw cause instanceof LoginRefused ? cause : new LoginRefused('wrong answer', { cause });
  }
}
