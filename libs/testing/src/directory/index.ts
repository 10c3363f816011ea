export { type DirectoryServer, directoryIsMissing, startDirectory } from './slapd.ts';
