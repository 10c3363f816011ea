import type { Grant, Identity } from '../identity.ts';

/** Clocks of issuer and verifier may differ by so much. Seconds; distribution's leeway. */
export const leeway = 60;

export interface ClaimRules {
  readonly issuer: string;
  readonly audience: string;
  /** Seconds since 1970. */
  readonly now: number;
}

export interface AcceptedClaims {
  readonly identity: Identity;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

/** Checks the claims of a token whose signature was verified. @returns why they are refused, or what they say */
export function acceptClaims(
  claims: Readonly<Record<string, unknown>>,
  { issuer, audience, now }: ClaimRules,
): AcceptedClaims | string {
  const { iss, aud, sub = '', exp, access } = claims;
  if (iss !== issuer) return 'another issuer';
  if (!(aud === audience || (Array.isArray(aud) && aud.includes(audience)))) return 'another audience';
  if (!isTime(exp)) return 'no expiry';
  const untimely = untimeliness(claims, exp, now);
  if (untimely !== undefined) return untimely;
  if (typeof sub !== 'string') return 'a malformed subject';
  const grants = grantsOf(access);
  if (grants === undefined) return 'malformed access';
  return { identity: { subject: sub, kind: sub === '' ? 'anonymous' : 'token', grants }, expiresAt: exp };
}

function untimeliness(
  { nbf, iat }: Readonly<Record<string, unknown>>,
  exp: number,
  now: number,
): string | undefined {
  if (exp + leeway < now) return 'expired';
  if (!isTimeOrAbsent(nbf) || !isTimeOrAbsent(iat)) return 'malformed times';
  return Math.max(nbf ?? 0, iat ?? 0) - leeway > now ? 'not valid yet' : undefined;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isTimeOrAbsent = (value: unknown): value is number | undefined => value === undefined || isTime(value);

/** Other types of resources (`repository(plugin)` among them) are another registry's; they open nothing and break nothing. */
function grantsOf(access: unknown): Grant[] | undefined {
  if (access === undefined || access === null) return [];
  if (!Array.isArray(access) || !access.every(isEntry)) return undefined;
  return access.flatMap(({ type, name, actions }) =>
    type === 'repository' || type === 'registry' ? [{ type, name, actions: [...actions] }] : [],
  );
}

interface Entry {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

function isEntry(value: unknown): value is Entry {
  if (
    typeof value !== 'object' ||
    value === null ||
    !('type' in value) ||
    !('name' in value) ||
    !('actions' in value)
  )
    return false;
  const { type, name, actions } = value;
  return (
    typeof type === 'string' &&
    typeof name === 'string' &&
    Array.isArray(actions) &&
    actions.every((action) => typeof action === 'string')
  );
}
