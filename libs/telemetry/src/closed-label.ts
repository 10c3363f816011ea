/** Maps a value to itself when it is one of `values`, and to `other` when not: the series stay countable. */
export function closedLabel(values: readonly string[]): (value: string) => string {
  const known = new Set(values);
  return (value) => (known.has(value) ? value : 'other');
}
