import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@longshore/telemetry';

const text = (message: unknown): string => (message instanceof Error ? message.message : String(message));

/** Writes Nest's messages in the log's format. Its messages at the start have level debug. */
export function nestLogger(log: Logger): LoggerService {
  return {
    log: (message) => log.debug(text(message)),
    warn: (message) => log.warn(text(message)),
    error: (message: unknown, stack?: unknown) =>
      log.error({ stack: typeof stack === 'string' ? stack : undefined }, text(message)),
    debug: (message) => log.debug(text(message)),
    verbose: (message) => log.trace(text(message)),
  };
}
