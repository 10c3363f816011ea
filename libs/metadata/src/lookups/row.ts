export type Row = readonly unknown[];

/** Reads cells of a row. The query fixes the columns, so any other type is a mistake in the query. */
export const cell = {
  text(row: Row, column: number): string {
    const value = row[column];
    if (typeof value !== 'string') throw new TypeError(`column ${column} is ${typeof value}, not text`);
    return value;
  },
  number(row: Row, column: number): number {
    const value = row[column];
    if (typeof value !== 'number') throw new TypeError(`column ${column} is ${typeof value}, not a number`);
    return value;
  },
};
