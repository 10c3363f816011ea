/** The headers that tell who asks, in the stores that we know. */
const credentials = new Set(['authorization', 'x-auth-token', 'x-auth-key']);

/** The same headers, of somebody who has another key: the last characters of what is signed or told are others. */
export function forged(rawHeaders: readonly string[]): string[] {
  return rawHeaders.map((value, index) => {
    const name = index % 2 === 1 ? (rawHeaders[index - 1] ?? '') : '';
    return credentials.has(name.toLowerCase()) ? forge(value) : value;
  });
}

/** Of the same form: hexadecimal and base64 digits, and the padding behind them, stay what they are. */
function forge(value: string): string {
  return value.replace(/[0-9a-z+/]{4}(?==*$)/i, (end) =>
    end.replaceAll(/./g, (digit) => (digit === 'a' ? 'b' : 'a')),
  );
}
