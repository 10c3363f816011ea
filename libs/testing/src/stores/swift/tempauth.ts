import type { SwiftAuth } from './swift-configuration.ts';

/** Who may log in. */
export interface SwiftLogin {
  readonly username: string;
  readonly password: string;
}

export interface TempauthAccess extends SwiftLogin {
  /** Of authentication v1, to be asked with `X-Auth-User` and `X-Auth-Key`. */
  readonly authUrl: string;
  /** May log in, and may do nothing. */
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
    // Answers requests that are signed as S3 wants them, and leaves the others alone.
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

/** What a client of the S3 API signs with. */
export const swiftRegion = 'us-east-1';

/** The token and the URL of the account, from authentication v1. */
export async function logInWithTempauth({ authUrl, username, password }: TempauthAccess) {
  const answer = await fetch(authUrl, { headers: { 'x-auth-user': username, 'x-auth-key': password } });
  await answer.body?.cancel();
  const token = answer.headers.get('x-auth-token');
  const storageUrl = answer.headers.get('x-storage-url');
  if (token === null || storageUrl === null) throw new Error(`${authUrl} answered ${answer.status}`);
  return { token, storageUrl };
}
