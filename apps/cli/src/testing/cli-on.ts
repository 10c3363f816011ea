import type { ExitStatus } from '../command.ts';
import { runCli } from '../run-cli.ts';

interface Ended {
  readonly status: ExitStatus;
  readonly printed: readonly string[];
  readonly complained: readonly string[];
}

/** Returns a function that runs one command line on a database. */
export function cliOn(postgresUrl: string): (...parameters: string[]) => Promise<Ended> {
  return async (...parameters) => {
    const printed: string[] = [];
    const complained: string[] = [];
    const status = await runCli(parameters, {
      environment: { REGISTRY_POSTGRES_URL: postgresUrl },
      print: (line) => void printed.push(line),
      complain: (line) => void complained.push(line),
    });
    return { status, printed, complained };
  };
}
