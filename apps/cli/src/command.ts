import type { OptionName, OptionValues } from './options.ts';

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

/** A parsed command line. */
export interface CommandLine extends OptionValues {
  /** The words after the command's name. */
  readonly words: readonly string[];
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
