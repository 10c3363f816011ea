export type { OssFault } from './faults.ts';
export * from './start-oss.ts';
