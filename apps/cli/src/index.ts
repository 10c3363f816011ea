/** @internal Tests call them. */
export { commands, refusalOf, runCli } from './run-cli.ts';
