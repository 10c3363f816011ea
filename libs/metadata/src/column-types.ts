import type { ColumnType, Generated } from 'kysely';

/** A bigint as a JavaScript number: every bigint of this schema stays below 2^53. */
export type BigSerial = Generated<number>;
export type Instant = ColumnType<Date, Date, Date>;
export type DefaultedInstant = ColumnType<Date, Date | undefined, Date>;
/** Texts and objects are stored as JSON. */
export type Json<T> = ColumnType<T, string, string>;
