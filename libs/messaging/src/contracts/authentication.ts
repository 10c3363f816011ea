import type { Bus } from '../bus.ts';
import { defineRequest } from '../request.ts';

/** A public key as RFC 7517 writes it. */
export interface PublicKey {
  readonly kty: string;
  readonly kid?: string;
  readonly [parameter: string]: unknown;
}

export interface LoginCall {
  readonly username: string;
  readonly password: string;
  /** The client's address: wrong passwords are counted by it. Doors of version 0.1 send none. */
  readonly address?: string;
}

/**
 * Checks a name and password. The answer for an unknown name takes as long as for a wrong password; after too many wrong ones it is
 * TOOMANYREQUESTS with Retry-After.
 */
export const authenticate = defineRequest<
  LoginCall,
  { readonly subject: string } | { readonly refused: true }
>({
  subject: 'auth.authenticate',
  servedBy: 'auth-service',
  askedBy: ['api-gateway', 'blob-service'],
  deadlineMs: 10_000,
  confidential: true,
});

/**
 * The public keys with which tokens are verified, as RFC 7517 writes them. They are public, but a forged answer
 * would let in the tokens of its author: the seal keeps it authentic.
 */
export const signingKeys = defineRequest<Record<string, never>, { readonly keys: readonly PublicKey[] }>({
  subject: 'auth.jwks',
  servedBy: 'auth-service',
  askedBy: ['api-gateway', 'blob-service'],
  deadlineMs: 5_000,
  confidential: true,
});

export interface TokenCall {
  readonly method: 'GET' | 'POST';
  readonly authorization?: string;
  /** Query (GET) or form (POST) parameters in order; a name may come several times. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The client's address: wrong passwords are counted by it. */
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
  servedBy: 'auth-service',
  askedBy: ['api-gateway'],
  deadlineMs: 15_000,
  confidential: true,
});

/** What a door asks auth-service, over the bus. */
export function authServiceOver(bus: Bus): {
  readonly authenticate: (
    login: LoginCall,
  ) => Promise<{ readonly subject: string } | { readonly refused: true }>;
  readonly keys: () => Promise<{ readonly keys: readonly PublicKey[] }>;
} {
  return {
    authenticate: (login) => bus.request(authenticate, login),
    keys: () => bus.request(signingKeys, {}),
  };
}
