/** @internal */
export { pushBlob } from './contents.ts';
/** @internal */
export { migratedDatabase, type MigratedDatabase } from './migrated-database.ts';
