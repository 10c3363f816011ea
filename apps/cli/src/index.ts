export { refusalOf, runCli } from './run-cli.ts';
