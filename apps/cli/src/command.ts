import type { ServiceName } from '@longshore/configuration';

/** Exit statuses (sysexits.h), so that a job or an init container can tell what to do about a failure. */
export const exitStatus = {
  ok: 0,
  failed: 1,
  /** EX_USAGE: the command line is wrong. */
  usage: 64,
  /** EX_UNAVAILABLE: a server does not answer; the same command may work later. */
  unavailable: 69,
  /** EX_CONFIG: the configuration is wrong. */
  configuration: 78,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** Options that some command has, as they are typed. `--json` is everybody's. */
export const optionFlags = {
  config: '--config <file>',
  from: '--from <file>',
  to: '--to <file>',
  standalone: '--standalone',
  service: '--service <name>',
  event: '--event <id>',
} as const;
export type OptionName = keyof typeof optionFlags;

/** What a command line says. */
export interface CommandLine {
  /** Path of `--config`; without it REGISTRY_CONFIGURATION_PATH counts. */
  readonly config?: string;
  /** Paths of `--from` and `--to`: configurations, too. */
  readonly from?: string;
  readonly to?: string;
  /** Whether what `npm start` presumes counts as said. */
  readonly standalone?: boolean;
  /** The service whose start is judged. */
  readonly service?: ServiceName;
  /** The id of an event. */
  readonly event?: string;
  /** The word behind the command's own. */
  readonly word?: string;
}

export interface CommandContext extends CommandLine {
  readonly environment: NodeJS.ProcessEnv;
  /** The result, to standard output: the document with `--json`, otherwise the lines. Once, at the end. */
  readonly report: (document: unknown, lines: readonly string[]) => void;
  /** How far a long command is, to standard output, and with `--json` to standard error. */
  readonly progress: (line: string) => void;
  /** What went wrong, to standard error. */
  readonly complain: (line: string) => void;
}

export interface Command {
  /** As they are typed: `configuration check`. */
  readonly name: string;
  readonly summary: string;
  /** What the help says beside the summary and the options. */
  readonly details?: string;
  /** Whole command lines, for the help. */
  readonly examples: readonly string[];
  /** The word that may follow, for the help. */
  readonly word?: { readonly name: string; readonly summary: string };
  readonly options: readonly OptionName[];
  readonly required?: readonly OptionName[];
  readonly run: (context: CommandContext) => Promise<ExitStatus> | ExitStatus;
}
