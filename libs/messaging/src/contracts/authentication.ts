import type { Bus } from '../bus.ts';
import { defineRequest } from '../request.ts';

/** A public key as RFC 7517 writes it. */
export interface PublicKey {
  readonly kty: string;
  readonly kid?: string;
  readonly [parameter: string]: unknown;
}

/** Checks a name and password. The answer for an unknown name takes as long as for a wrong password. */
export const authenticate = defineRequest<
  { readonly username: string; readonly password: string },
  { readonly subject: string } | { readonly refused: true }
>({
  subject: 'auth.authenticate',
  deadlineMs: 10_000,
});

/** The public keys with which tokens are verified, as RFC 7517 writes them. */
export const signingKeys = defineRequest<Record<string, never>, { readonly keys: readonly PublicKey[] }>({
  subject: 'auth.jwks',
  deadlineMs: 5_000,
});

export interface TokenCall {
  readonly method: 'GET' | 'POST';
  readonly authorization?: string;
  /** Query (GET) or form (POST) parameters in order; a name may come several times. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The client's address: failed attempts are counted by it. */
  readonly address: string;
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The token endpoint of distribution's token specification, without its HTTP. */
export const issueToken = defineRequest<TokenCall, TokenAnswer>({
  subject: 'auth.token',
  deadlineMs: 15_000,
});

/** What a door asks auth-service, over the bus. */
export function authServiceOver(bus: Bus): {
  readonly authenticate: (
    username: string,
    password: string,
  ) => Promise<{ readonly subject: string } | { readonly refused: true }>;
  readonly keys: () => Promise<{ readonly keys: readonly PublicKey[] }>;
} {
  return {
    authenticate: (username, password) => bus.request(authenticate, { username, password }),
    keys: () => bus.request(signingKeys, {}),
  };
}
