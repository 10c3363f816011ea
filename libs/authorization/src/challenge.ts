import { formatScope, type Scope } from './scope.ts';

export type ChallengeSettings =
  | { readonly kind: 'basic'; readonly realm: string }
  | {
      readonly kind: 'bearer';
      /** URL of the token endpoint. */
      readonly realm: string;
      readonly service: string;
    };

export type ChallengeError = 'invalid_token' | 'insufficient_scope';

/** Returns the value of `WWW-Authenticate` (RFC 7617; RFC 6750 with distribution's service and scope). */
export function challenge(
  settings: ChallengeSettings,
  scopes: readonly Scope[] = [],
  error?: ChallengeError,
): string {
  if (settings.kind === 'basic') return `Basic realm=${quoted(settings.realm)}, charset="UTF-8"`;
  const parameters = [`realm=${quoted(settings.realm)}`, `service=${quoted(settings.service)}`];
  if (scopes.length > 0) parameters.push(`scope=${quoted(scopes.map(formatScope).join(' '))}`);
  if (error !== undefined) parameters.push(`error="${error}"`);
  // No space after the commas: distribution writes none, and old clients split at them.
  return `Bearer ${parameters.join(',')}`;
}

/** Writes a quoted-string of RFC 9110. Drops characters that it cannot contain, so a value cannot start another header. */
function quoted(text: string): string {
  return `"${text.replaceAll(/[^\t\x20-\x7e]/g, '').replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
