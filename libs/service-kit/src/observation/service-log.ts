import type { Logger } from '@longshore/telemetry';

/** The log of a service, for its workers: one line for each failure or event that concerns an operator. */
export class ServiceLog {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  info(message: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.#log.info(facts, message);
  }

  warn(message: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.#log.warn(facts, message);
  }

  error(fault: unknown, message: string): void {
    this.#log.error({ err: fault }, message);
  }
}
