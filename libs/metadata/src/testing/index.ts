export { pushBlob } from './contents.ts';
export { migratedDatabase, type MigratedDatabase } from './migrated-database.ts';
