import type { Logger } from '@longshore/telemetry';
import { type RequestOutcome, RequestObserver } from '../http/request-observer.ts';
import { logRequest } from '../observation/outcome-observer.ts';

/** Logs faults, and every request at the level `debug`: probes and scrapes come every few seconds, and are no requests of the registry to count. */
export class DebugObserver extends RequestObserver {
  readonly #log: Logger;

  constructor(log: Logger) {
    super();
    this.#log = log;
  }

  override started(): void {
    // Nothing is counted.
  }

  override observe(outcome: RequestOutcome): void {
    logRequest(this.#log, outcome, 'debug');
  }
}
