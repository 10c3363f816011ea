/** The headers with credentials in the known stores. */
const credentials = new Set(['authorization', 'x-auth-token', 'x-auth-key']);

/** Returns the same headers with invalid credentials: the last characters of the signature, token or password are changed. */
export function forged(rawHeaders: readonly string[]): string[] {
  return rawHeaders.map((value, index) => {
    const name = index % 2 === 1 ? (rawHeaders[index - 1] ?? '') : '';
    return credentials.has(name.toLowerCase()) ? forge(value) : value;
  });
}

/** Changes a value but keeps its form: hexadecimal and base64 digits, and their padding. */
function forge(value: string): string {
  return value.replace(/[0-9a-z+/]{4}(?==*$)/i, (end) =>
    end.replaceAll(/./g, (digit) => (digit === 'a' ? 'b' : 'a')),
  );
}
