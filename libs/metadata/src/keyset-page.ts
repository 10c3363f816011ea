export interface KeysetPage<T> {
  readonly items: T[];
  /** True if more items follow the last one. */
  readonly more: boolean;
}

/** Expects one row beyond the page; that row tells whether more follow. */
export function keysetPage<T>(rows: T[], limit: number): KeysetPage<T> {
  return { items: rows.slice(0, limit), more: rows.length > limit };
}
