export { type DirectoryServer, startDirectory } from './slapd.ts';
