import type { Identity, StoredRule } from '@longshore/authorization';
import type { Bus } from '../bus.ts';
import { defineRequest } from '../request.ts';

/** A public key in the format of RFC 7517. */
export interface PublicKey {
  readonly kty: string;
  readonly kid?: string;
  readonly [parameter: string]: unknown;
}

export interface LoginCall {
  readonly username: string;
  /** The password, or an access token. With a token the name does not count, and may be empty. */
  readonly password: string;
  /** The client's address, by which wrong passwords are counted. Callers of version 0.1 send none. */
  readonly address?: string;
}

export interface AdmittedLogin {
  /** Name of the account. */
  readonly subject: string;
  /** Version 0.1 sends none: then it is a user without groups. */
  readonly identity?: Identity;
  /** Changes with the password and does not reveal it. Version 0.1 sends none, and an access token has none. */
  readonly fingerprint?: string;
  /** Time at which an access token expires. Milliseconds since 1970. */
  readonly expiresAt?: number;
}

/**
 * Checks a name and password, or an access token. An unknown name takes as long as a wrong password. After too many wrong ones the answer is TOOMANYREQUESTS with
 * Retry-After.
 */
export const authenticate = defineRequest<LoginCall, AdmittedLogin | { readonly refused: true }>({
  subject: 'auth.authenticate',
  servedBy: 'auth-service',
  askedBy: ['api-gateway', 'blob-service'],
  deadlineMs: 10_000,
  confidential: true,
});

/**
 * Returns the public keys that verify tokens, in the format of RFC 7517. The keys are public, but a forged answer would admit its author's tokens, so
 * the seal authenticates the answer.
 */
export const signingKeys = defineRequest<Record<string, never>, { readonly keys: readonly PublicKey[] }>({
  subject: 'auth.jwks',
  servedBy: 'auth-service',
  askedBy: ['api-gateway', 'blob-service'],
  deadlineMs: 5_000,
  confidential: true,
});

/**
 * Returns the keys of an identity provider whose tokens are accepted (`auth.workloads`), by its name in the configuration. Only auth-service speaks to
 * providers: blob-service may have no way out, and a provider sees one client. With `stale` they are the last known ones, since the provider is away.
 */
export const workloadKeys = defineRequest<
  { readonly provider: string },
  { readonly keys: readonly PublicKey[]; readonly stale?: boolean }
>({
  subject: 'auth.workload-keys',
  servedBy: 'auth-service',
  askedBy: ['api-gateway', 'blob-service'],
  deadlineMs: 15_000,
  confidential: true,
});

export interface TokenCall {
  readonly method: 'GET' | 'POST';
  readonly authorization?: string;
  /** Parameters of the query (GET) or form (POST), in order. A name may repeat. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The client's address, by which wrong passwords are counted. */
  readonly address: string;
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The token endpoint of distribution's token specification, without HTTP. */
export const issueToken = defineRequest<TokenCall, TokenAnswer>({
  subject: 'auth.token',
  servedBy: 'auth-service',
  askedBy: ['api-gateway'],
  deadlineMs: 15_000,
  confidential: true,
});

/** A mark of a credential that became void; `VoidMarks` in libs/authorization says what each kind means. */
export interface MarkOnBus {
  readonly kind: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly before: number;
  readonly keeps?: string;
}

export interface AccessQuestion {
  /** The version of the rules that the asker has. */
  readonly rules?: string;
  /** The version of the last answer that was read to its end. Absent: the asker knows nothing. */
  readonly since?: string;
  /** The `next` of the page before. */
  readonly from?: string;
}

export interface AccessChanges {
  /** To be remembered from the first page, once the last one was read. */
  readonly version: string;
  readonly marks: readonly MarkOnBus[];
  /** Changes with the set of signing keys. */
  readonly keys: string;
  /** The rules of the database, if the asker has others. */
  readonly rules?: { readonly version: string; readonly rules: readonly StoredRule[] };
  /** Absent on the last page. */
  readonly next?: string;
}

/** Returns what has changed for doors since a version: the marks of void credentials, and the rules of access. Each door asks twice a second. */
export const accessChanges = defineRequest<AccessQuestion, AccessChanges>({
  subject: 'auth.access',
  servedBy: 'auth-service',
  askedBy: ['api-gateway', 'blob-service'],
  deadlineMs: 2_000,
  confidential: true,
});

/** The questions of services that check access. */
export interface AuthServiceOnBus {
  readonly authenticate: (login: LoginCall) => Promise<AdmittedLogin | { readonly refused: true }>;
  readonly keys: () => Promise<{ readonly keys: readonly PublicKey[] }>;
  readonly changes: (question: AccessQuestion) => Promise<AccessChanges>;
  readonly workloadKeys: (
    provider: string,
  ) => Promise<{ readonly keys: readonly PublicKey[]; readonly stale?: boolean }>;
}

/** Asks auth-service over the bus, for the services that check access. */
export function authServiceOver(bus: Bus): AuthServiceOnBus {
  return {
    authenticate: (login) => bus.request(authenticate, login),
    keys: () => bus.request(signingKeys, {}),
    changes: (question) => bus.request(accessChanges, question),
    workloadKeys: (provider) => bus.request(workloadKeys, { provider }),
  };
}
