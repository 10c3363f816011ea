export type Claims = Readonly<Record<string, unknown>>;

/**
 * Returns the values of a claim as texts: one for a text, a number or a boolean, each of a list of such, and none for anything else. A name that begins
 * with a slash is a JSON Pointer (RFC 6901) into nested claims: `/kubernetes.io/serviceaccount/name`.
 */
export function claimValues(claims: Claims, name: string): readonly string[] {
  const value = claimAt(claims, name);
  return (Array.isArray(value) ? value : [value]).flatMap(textOf);
}

function claimAt(claims: Claims, name: string): unknown {
  const path = name.startsWith('/') ? name.slice(1).split('/').map(unescaped) : [name];
  let value: unknown = claims;
  for (const key of path) {
    // Own properties only: a rule on `constructor` must not find what every object inherits.
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
      return undefined;
    value = new Map<string, unknown>(Object.entries(value)).get(key);
  }
  return value;
}

const unescaped = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');

function textOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}
