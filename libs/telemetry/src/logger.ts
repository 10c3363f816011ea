import { pino, type Bindings, type ChildLoggerOptions, type DestinationStream, type Logger } from 'pino';
import { escapeControls } from './escape-controls.ts';
import { redactFields, redactText } from './redact.ts';
import { standardOutput } from './steady-output.ts';
import { textLines } from './text-lines.ts';
import { traceIds } from './tracing.ts';

export type { Logger } from 'pino';

export interface LoggerConfig {
  /** The `log.level` of the configuration file. Default `info`. */
  readonly level?: 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent' | undefined;
  /** `json`: one object per line. `text`: `time=… level=… msg="…" name=value`. Default `json`. */
  readonly formatter?: 'text' | 'json' | undefined;
  /** Static fields that every line carries. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
  readonly service?: string | undefined;
}

/**
 * The logger of a process. Lines go to standard output unless a destination is given; a reader of it that stands still stops nobody.
 * Credentials are hidden at any depth (`redact`) and in texts (`redactText`); lines written inside a span carry `trace_id` and `span_id`.
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
      // Errors are serialised by `redact`, which follows causes and drops foreign fields.
      serializers: { err: (value: unknown) => value },
      // pino writes into what it gets here.
      mixin: () => ({ ...traceIds() }),
      hooks: { streamWrite: (line) => escapeControls(redactText(line)) },
    },
    config.formatter === 'text' ? textLines(target) : target,
  );
  // Formatters do not see the bindings of a child; children inherit this method from the root.
  const inherited: unknown = Reflect.get(logger, 'child');
  return Object.assign(logger, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): Logger {
      if (typeof inherited !== 'function') throw new TypeError('pino has no child method');
      return Reflect.apply(inherited, this, [redactFields(bindings), options]);
    },
  });
}

const fields = (value: object) => redactFields(value);
