/** One mistake in the configuration. */
export interface Problem {
  /** The key (`http.tls.key`), the variable (`REGISTRY_HTPP_ADDR`) or the file. */
  readonly path: string;
  /** Contains no value, since a value may be a secret. */
  readonly message: string;
}

/** All mistakes in the configuration, found in one pass. The message contains no configured value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly Problem[];
  /** Keys that were accepted without effect, which may explain the problems. */
  readonly warnings: readonly Problem[];

  constructor(
    problems: readonly Problem[],
    { warnings = [], ...options }: ErrorOptions & { readonly warnings?: readonly Problem[] } = {},
  ) {
    // A single problem fits into one line, which suits a log.
    const before = problems.length === 1 ? ' ' : '\n  ';
    const told = problems.map(({ path, message }) => `${before}${path}: ${message}`).join('');
    super(`the configuration is not valid:${told}`, options);
    this.problems = problems;
    this.warnings = warnings;
  }
}

/** Returns the error, or the configuration error of an adapter with its own problems. Undefined for any other error. */
export function asConfigurationError(error: unknown): ConfigurationError | undefined {
  if (error instanceof ConfigurationError) return error;
  if (!(error instanceof Error) || !('problems' in error) || !Array.isArray(error.problems)) return undefined;
  const { problems } = error;
  return problems.every(isProblem) ? new ConfigurationError(problems, { cause: error }) : undefined;
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    typeof value.path === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
