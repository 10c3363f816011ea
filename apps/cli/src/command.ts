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

/** Options that some command has. */
export const optionNames = ['config', 'from', 'to', 'standalone', 'service'] as const;
export type OptionName = (typeof optionNames)[number];

export interface CommandContext {
  /** Path of `--config`; without it REGISTRY_CONFIGURATION_PATH counts. */
  readonly config: string | undefined;
  /** Paths of `--from` and `--to`: configurations, too. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Whether `--standalone` was given: what `npm start` assumes counts as said. */
  readonly standalone: boolean;
  /** Name of `--service`: the one whose start is judged. */
  readonly service: string | undefined;
  /** What was left of the command line after the command's words. */
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The result, to standard output. */
  readonly print: (line: string) => void;
  /** What went wrong, to standard error. */
  readonly complain: (line: string) => void;
}

export interface Command {
  /** As they are typed: `configuration check`. */
  readonly name: string;
  /** Options and words, for the help. */
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly OptionName[];
  readonly mostWords: number;
  readonly run: (context: CommandContext) => Promise<ExitStatus> | ExitStatus;
}
