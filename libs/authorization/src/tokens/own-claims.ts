import { type CredentialFacts, credentialKinds, type Identity, type Limit } from '../identity.ts';

/** The private claims of the registry's own tokens, in the claim `longshore`. Doors evaluate the policy with them at each request. */
export interface OwnClaims {
  /** Milliseconds since 1970 at which the token was issued. `iat` has whole seconds, in which a credential may be voided and renewed. */
  readonly at: number;
  readonly kind?: Exclude<Identity['kind'], 'anyone'> | undefined;
  readonly groups?: readonly string[] | undefined;
  /** The identity provider's claims about the subject. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly limits?: readonly Limit[] | undefined;
  /** The credential that the token was got with, such as a personal access token. */
  readonly gotWith?: CredentialFacts | undefined;
  /** Fingerprint of the password that the token was got with. */
  readonly password?: string | undefined;
}

const kinds = ['anonymous', 'user', 'robot', 'workload'] as const;

/** @returns undefined if the claims are malformed: a limit that is not understood must not be dropped */
export function parseOwnClaims(value: unknown): OwnClaims | undefined {
  if (!isObject(value)) return undefined;
  const { at, kind, groups, claims, limits, gotWith, password } = value;
  return typeof at === 'number' &&
    isAbsentOr(kind, isKind) &&
    isAbsentOr(groups, isTexts) &&
    isAbsentOr(claims, isObject) &&
    isAbsentOr(limits, isLimits) &&
    isAbsentOr(gotWith, isCredential) &&
    isAbsentOr(password, isText)
    ? { at, kind, groups, claims, limits, gotWith, password }
    : undefined;
}

function isAbsentOr<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined {
  return value === undefined || is(value);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isKind = (value: unknown): value is (typeof kinds)[number] => kinds.some((kind) => kind === value);

const isLimits = (value: unknown): value is readonly Limit[] =>
  Array.isArray(value) &&
  value.every((limit) => isObject(limit) && isTexts(limit['actions']) && isTexts(limit['repositories']));

function isCredential(value: unknown): value is CredentialFacts {
  if (!isObject(value)) return false;
  const { kind, id, issuer, issuedAt } = value;
  return (
    credentialKinds.some((known) => known === kind) &&
    isAbsentOr(id, isText) &&
    isAbsentOr(issuer, isText) &&
    (issuedAt === undefined || typeof issuedAt === 'number')
  );
}
