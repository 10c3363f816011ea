export { digestOf, pushBlob } from './contents.ts';
export { migratedDatabase, type MigratedDatabase } from './migrated-database.ts';
export { startPostgres, type PostgresServer } from './postgres-server.ts';
export { sqlOf } from './sql-of.ts';
export { prepareTemplate, type TemplateDatabase } from './template-database.ts';
