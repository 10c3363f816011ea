import { isAccountName } from '@longshore/authorization';
import type { OidcPerson } from '@longshore/metadata';
import { LoginRefused } from './login-refused.ts';
import type { ProviderSettings } from './oidc-settings.ts';

/** Claims of a provider: those of the ID token, and those of its user info. */
export type Claims = Readonly<Record<string, unknown>>;

const mostGroups = 200;
/** Characters. */
const longestGroup = 200;
/** Characters of JSON. Tokens carry the claims. */
const longestClaims = 4096;
/** Characters. A `sub` has 255 at most (OpenID Connect Core, section 2). */
const longestId = 255;
/**
 * Reads a person from the claims. Nothing is cut off: without one of its groups a person could have more rights, by a rule that denies.
 * @throws LoginRefused
 */
export function personOf(
  claims: Claims,
  settings: ProviderSettings,
): { readonly person: OidcPerson; readonly userName: string } {
  const { sub } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > longestId) throw new LoginRefused('wrong answer');
  // One spelling is one account. Two people whose names differ in case do not get the same one: `sub` tells them apart.
  const name = claimAt(claims, settings.claims.name);
  const userName = typeof name === 'string' ? name.toLowerCase() : '';
  if (!isAccountName(userName)) throw new LoginRefused('no name');
  const groups = groupsOf(claimAt(claims, settings.claims.groups));
  const { allowedGroups } = settings;
  if (allowedGroups.length > 0 && !groups.some((group) => allowedGroups.includes(group)))
    throw new LoginRefused('not allowed');
  const email = claimAt(claims, settings.claims.email);
  const person = {
    provider: settings.name,
    externalId: sub,
    email: typeof email === 'string' && email.length <= 320 ? email : undefined,
    groups,
    claims: carriedOf(claims, settings.carriedClaims),
  };
  return { person, userName };
}

/** Claims may have dots in their names (`https://a.example/groups`), so the whole name counts first. */
function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Object.entries(value).find(([key]) => key === step)?.[1];
  }
  return value;
}

function groupsOf(claim: unknown): readonly string[] {
  if (claim === undefined || claim === null) return [];
  const groups: unknown[] = Array.isArray(claim) ? claim : [claim];
  if (!groups.every((group) => typeof group === 'string')) throw new LoginRefused('wrong answer');
  if (groups.length > mostGroups || groups.some(({ length }) => length > longestGroup))
    throw new LoginRefused('too much');
  return [...new Set(groups)].filter((group) => group !== '').toSorted();
}

function carriedOf(claims: Claims, names: readonly string[]): Claims {
  const carried = Object.fromEntries(
    names.map((name) => [name, claimAt(claims, name)] as const).filter(([, value]) => value !== undefined),
  );
  if (JSON.stringify(carried).length > longestClaims) throw new LoginRefused('too much');
  return carried;
}
