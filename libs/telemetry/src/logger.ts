import { pino, type Bindings, type ChildLoggerOptions, type DestinationStream, type Logger } from 'pino';
import { escapeControls } from './escape-controls.ts';
import { redactFields, redactText } from './redact.ts';
import { standardOutput } from './steady-output.ts';
import { textLines } from './text-lines.ts';
import { traceIds } from './tracing.ts';

export type { Logger } from 'pino';

export interface LoggerConfig {
  /** `log.level` of the configuration. Default `info`. */
  readonly level?: 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent' | undefined;
  /** `json`: one object per line. `text`: `time=… level=… msg="…" name=value`. Default `json`. */
  readonly formatter?: 'text' | 'json' | undefined;
  /** Static fields of every line. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  readonly service?: string | undefined;
}

/**
 * Creates the logger of a process. Lines go to standard output unless a destination is given; a stalled reader of it blocks nobody. Hides credentials
 * at any depth (`redact`) and in texts (`redactText`). Lines inside a span have `trace_id` and `span_id`.
 */
export function createLogger(config: LoggerConfig = {}, destination?: DestinationStream): Logger {
  const target = destination ?? standardOutput;
  const base = { ...(config.service !== undefined && { service: config.service }), ...config.fields };
  const logger = pino(
    {
      level: config.level ?? 'info',
      base: redactFields(base),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }), log: fields },
      // `redact` serialises errors: it follows causes and drops unknown fields.
      serializers: { err: (value: unknown) => value },
      // pino modifies the returned object.
      mixin: () => ({ ...traceIds() }),
      hooks: { streamWrite: (line) => escapeControls(redactText(line)) },
    },
    config.formatter === 'text' ? textLines(target) : target,
  );
  // Formatters do not see the bindings of a child. Children inherit this method from the root.
  const inherited: unknown = Reflect.get(logger, 'child');
  return Object.assign(logger, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): Logger {
      if (typeof inherited !== 'function') throw new TypeError('pino has no child method');
      return Reflect.apply(inherited, this, [redactFields(bindings), options]);
    },
  });
}

const fields = (value: object) => redactFields(value);
