/**
 * Writes a value as it stands in a filter (RFC 4515) or in a name (RFC 4514): every byte that is no ASCII letter or digit as `\xx`, so that it cannot
 * be syntax.
 */
export function escaped(value: string): string {
  return [...Buffer.from(value)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[0-9A-Za-z]/.test(character) ? character : `\\${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** Replaces `{name}` and `{dn}` in one pass, so that a value that contains one of them stays a value. */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(name|dn)\}/g, (placeholder, key: string) => values[key] ?? placeholder);
}

/** Returns the value of the first part of a name: `dev` of `cn=dev,ou=groups,dc=example`. */
export function firstValueOf(dn: string): string | undefined {
  const value = /^[^=]+=((?:\\.|[^,+\\])*)/.exec(dn)?.[1];
  if (value === undefined) return undefined;
  const bytes = value.replaceAll(/(?:\\[0-9A-Fa-f]{2})+/g, (codes) =>
    Buffer.from(codes.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
  return bytes.replaceAll(/\\(.)/g, '$1').trim();
}
