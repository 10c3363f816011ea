/** Maps a value to itself if `values` includes it, and otherwise to `other`, so that the number of series is bounded. */
export function closedLabel(values: readonly string[]): (value: string) => string {
  const known = new Set(values);
  return (value) => (known.has(value) ? value : 'other');
}
