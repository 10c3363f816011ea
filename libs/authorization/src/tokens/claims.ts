import type { CredentialFacts, Grant, Identity } from '../identity.ts';
import type { MarkedFacts } from '../marks/void-marks.ts';
import { type OwnClaims, parseOwnClaims } from './own-claims.ts';

/** Seconds by which the clocks of issuer and verifier may differ; distribution's leeway. */
export const leeway = 60;

export interface ClaimRules {
  readonly issuer: string;
  readonly audience: string;
  /** True if the registry's own token endpoint is the issuer. Only then its private claims count. */
  readonly own: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

export interface AcceptedClaims {
  readonly identity: Identity;
  readonly facts: MarkedFacts;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

/** Checks the claims of a token whose signature was verified. @returns the reason of the refusal, or the claims */
export function acceptClaims(
  claims: Readonly<Record<string, unknown>>,
  { issuer, audience, own, now }: ClaimRules,
): AcceptedClaims | string {
  const { iss, aud, sub = '', access } = claims;
  if (iss !== issuer) return 'another issuer';
  if (![aud].flat().includes(audience)) return 'another audience';
  const expiresAt = expiryOf(claims, now);
  if (typeof expiresAt === 'string') return expiresAt;
  if (typeof sub !== 'string' || control.test(sub)) return 'a malformed subject';
  const grants = grantsOf(access);
  if (grants === undefined) return 'malformed access';
  const ours = own ? ownClaimsOf(claims) : { claims: withoutAccess(claims) };
  if (ours === undefined) return 'malformed claims of the registry';
  const credential = credentialOf(claims, ours, own ? 'token' : 'foreign-token');
  const identity = identityOf(ours, { subject: sub, credential, grants });
  return { identity, facts: factsOf(identity, ours), expiresAt };
}

/** Returns the facts by which marks find a token. */
export function factsOf(
  { kind, subject, credential: { id, issuedAt = Number.NEGATIVE_INFINITY } }: Identity,
  { gotWith, password }: Partial<OwnClaims>,
): MarkedFacts {
  const ids = [id, gotWith?.id].filter((each) => each !== undefined);
  return { kind, subject, issuedAt, ids, password };
}

/** Version 0.1 wrote no claims of its own. It serves beside this version during an upgrade. */
function ownClaimsOf({ longshore }: Readonly<Record<string, unknown>>): Partial<OwnClaims> | undefined {
  return longshore === undefined ? {} : parseOwnClaims(longshore);
}

function identityOf(
  { kind, groups = [], claims = {}, limits }: Partial<OwnClaims>,
  { subject, credential, grants }: Pick<Identity, 'subject' | 'credential' | 'grants'>,
): Identity {
  return {
    kind: kind ?? (subject === '' ? 'anonymous' : 'user'),
    subject,
    groups,
    claims,
    credential,
    ...(grants === undefined ? {} : { grants }),
    ...(limits === undefined ? {} : { limits }),
  };
}

function withoutAccess(payload: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { access: _, ...claims } = payload;
  return claims;
}

/** Returns how an identity was proved, as the registered claims of the token tell. */
export function credentialOf(
  { iss, jti, iat }: Readonly<Record<string, unknown>>,
  { at, gotWith }: Partial<OwnClaims>,
  kind: CredentialFacts['kind'],
): CredentialFacts {
  // `iat` counts from the beginning of its second.
  const issuedAt = at ?? (isTime(iat) ? iat * 1000 : undefined);
  return {
    kind,
    ...(typeof iss === 'string' ? { issuer: iss } : {}),
    ...(typeof jti === 'string' ? { id: jti } : {}),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(gotWith === undefined ? {} : { gotWith }),
  };
}

/** Control characters: the subject is stored in events and the database, which cannot contain NUL. */
// oxlint-disable-next-line no-control-regex -- it looks for exactly these
const control = /[\x00-\x1f\x7f-\x9f]/;

/**
 * Checks the times of a token. Ignores `iat`: it says when a token was made, and `nbf` when it becomes valid (RFC 7519; distribution).
 * @returns the expiry in seconds since 1970, or the reason of the refusal
 */
export function expiryOf({ exp, nbf }: Readonly<Record<string, unknown>>, now: number): number | string {
  if (!isTime(exp)) return 'no expiry';
  if (exp + leeway < now) return 'expired';
  if (!isTimeOrAbsent(nbf)) return 'malformed times';
  return (nbf ?? 0) - leeway > now ? 'not valid yet' : exp;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isTimeOrAbsent = (value: unknown): value is number | undefined => value === undefined || isTime(value);

/**
 * Ignores other types of resources (such as `repository(plugin)`), which belong to other registries. Also accepts null members, since Go's token
 * servers write them for an empty list.
 */
function grantsOf(access: unknown): Grant[] | undefined {
  if (access === undefined || access === null) return [];
  if (!Array.isArray(access) || !access.every(isEntry)) return undefined;
  return access.flatMap(({ type, name, actions }) =>
    type === 'repository' || type === 'registry'
      ? [{ type, name: name ?? '', actions: [...(actions ?? [])] }]
      : [],
  );
}

interface Entry {
  readonly type?: string | null;
  readonly name?: string | null;
  readonly actions?: readonly string[] | null;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { type = null, name = null, actions = null }: Readonly<Record<string, unknown>> = { ...value };
  return (
    (type === null || typeof type === 'string') &&
    (name === null || typeof name === 'string') &&
    (actions === null || (Array.isArray(actions) && actions.every((action) => typeof action === 'string')))
  );
}
