export type { OssFault } from './faults.ts';
export * from './start-oss.ts';
export { ossAccess } from './oss-access.ts';
