export type { OssCredentials, OssTemporaryCredentials } from './authorization/credentials.ts';
export type { OssFault } from './faults.ts';
export type { OssOperation } from './routing.ts';
export * from './start-oss.ts';
