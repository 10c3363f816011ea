import type { SwiftAuth } from './swift-configuration.ts';

/** A user who may log in. */
export interface SwiftLogin {
  readonly username: string;
  readonly password: string;
}

export interface TempauthAccess extends SwiftLogin {
  /** URL of authentication v1, requested with `X-Auth-User` and `X-Auth-Key`. */
  readonly authUrl: string;
  /** A user who may log in, but has no rights. */
  readonly stranger: SwiftLogin;
}

export function tempauthAccess(port: number): TempauthAccess {
  return {
    authUrl: `http://127.0.0.1:${port}/auth/v1.0`,
    username: 'longshore:owner',
    password: 'owner-password',
    stranger: { username: 'longshore:stranger', password: 'stranger-password' },
  };
}

export function tempauth(tokenLifeSeconds: number): SwiftAuth {
  return {
    // Handles requests with S3 signatures, and passes the others on.
    pipeline: 's3api tempauth',
    sections: `[filter:s3api]
use = egg:swift#s3api
location = ${swiftRegion}
[filter:tempauth]
use = egg:swift#tempauth
token_life = ${tokenLifeSeconds}
user_longshore_owner = owner-password .admin
user_longshore_stranger = stranger-password
`,
  };
}

/** The region in signatures of S3 API clients. */
export const swiftRegion = 'us-east-1';

/** Gets the token and the URL of the account from authentication v1. */
export async function logInWithTempauth({ authUrl, username, password }: TempauthAccess) {
  const answer = await fetch(authUrl, { headers: { 'x-auth-user': username, 'x-auth-key': password } });
  await answer.body?.cancel();
  const token = answer.headers.get('x-auth-token');
  const storageUrl = answer.headers.get('x-storage-url');
  if (token === null || storageUrl === null) throw new Error(`${authUrl} answered ${answer.status}`);
  return { token, storageUrl };
}
