import type { ServiceName } from '@longshore/configuration';

/** Exit statuses (sysexits.h). They tell a job or an init container how to treat a failure. */
export const exitStatus = {
  ok: 0,
  failed: 1,
  /** EX_USAGE: the command line is wrong. */
  usage: 64,
  /** EX_UNAVAILABLE: a server does not answer. The same command may succeed later. */
  unavailable: 69,
  /** EX_CONFIG: the configuration is wrong. */
  configuration: 78,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** Options of commands, as they are typed. Every command has `--json`. */
export const optionFlags = {
  config: '--config <file>',
  from: '--from <file>',
  to: '--to <file>',
  standalone: '--standalone',
  service: '--service <name>',
  event: '--event <id>',
  group: '--group <name...>',
  tag: '--tag <tag>',
  address: '--address <address>',
  now: '--now',
  'password-file': '--password-file <file>',
  days: '--days <number>',
  action: '--action <action...>',
  repository: '--repository <pattern...>',
  since: '--since <time>',
  actor: '--actor <name>',
} as const;
export type OptionName = keyof typeof optionFlags;

/** A parsed command line. */
export interface CommandLine {
  /** Path of `--config`. Default: REGISTRY_CONFIGURATION_PATH. */
  readonly config?: string;
  /** Paths of `--from` and `--to`, which are configurations as well. */
  readonly from?: string;
  readonly to?: string;
  /** True to apply the defaults of `npm start`. */
  readonly standalone?: boolean;
  /** The service whose start is checked. */
  readonly service?: ServiceName;
  /** True to replace at once. */
  readonly now?: boolean;
  /** The id of an event. */
  readonly event?: string;
  /** Groups of an account. */
  readonly group?: readonly string[];
  readonly tag?: string;
  /** A client's address. */
  readonly address?: string;
  /** Path of a file with a password. */
  readonly passwordfile?: string;
  /** Days until a token expires. */
  readonly days?: string;
  /** Limits of a token. */
  readonly action?: readonly string[];
  readonly repository?: readonly string[];
  /** The words after the command's name. */
  readonly words: readonly string[];
  /** A time (ISO 8601) or an age (`24h`). */
  readonly since?: string;
  /** The name of an account. */
  readonly actor?: string;
}

export interface CommandContext extends CommandLine {
  readonly environment: NodeJS.ProcessEnv;
  /** Writes the result to standard output: the document with `--json`, otherwise the lines. Called once, at the end. */
  readonly report: (document: unknown, lines: readonly string[]) => void;
  /** Writes the progress of a long command to standard output, or with `--json` to standard error. */
  readonly progress: (line: string) => void;
  /** Writes an error to standard error. */
  readonly complain: (line: string) => void;
}

/** A word after a command. It must be there unless it is optional. */
export interface Word {
  readonly name: string;
  readonly summary: string;
  readonly isOptional?: true;
}

export interface Command {
  /** The command's words, as they are typed: `configuration check`. */
  readonly name: string;
  readonly summary: string;
  /** Further text of the help, beside the summary and the options. */
  readonly details?: string;
  /** Complete command lines, for the help. */
  readonly examples: readonly string[];
  /** The words that follow the command. */
  readonly words?: readonly Word[];
  readonly options: readonly OptionName[];
  readonly required?: readonly OptionName[];
  readonly run: (context: CommandContext) => Promise<ExitStatus> | ExitStatus;
}
