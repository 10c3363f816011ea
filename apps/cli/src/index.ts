/** @internal Tests call them. */
export { refusalOf, runCli } from './run-cli.ts';
