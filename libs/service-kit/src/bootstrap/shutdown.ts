import { constants } from 'node:os';

export interface ShutdownOptions {
  readonly close: () => Promise<void>;
  readonly log: { info(message: string): void; error(fault: unknown, message: string): void };
  /** Milliseconds until the process ends, even if something is still open. */
  readonly deadline: number;
}

/** Signals that ask a process to end. SIGHUP comes when its terminal closes. */
const endings = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Closes the service once, at the first signal that ends a process. Further signals have no effect. */
export function closeOnSignal({ close, log, deadline }: ShutdownOptions): void {
  let closing = false;
  const begin = (signal: NodeJS.Signals): void => {
    if (closing) return;
    closing = true;
    log.info(`${signal}: shutting down`);
    setTimeout(() => {
      log.error(undefined, `not everything closed within ${deadline / 1000} s`);
      process.exit(1);
    }, deadline).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error(error, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  for (const signal of endings) process.on(signal, begin);
  // The launcher that started us (`npm start`) has ended, so nobody else would stop us.
  process.on('disconnect', () => begin('SIGHUP'));
}

/** Keeps Node's debugger closed on SIGUSR1: it would open a port to everybody on the machine. A listener for the signal prevents that. */
export function keepDebuggerShut(): void {
  process.on('SIGUSR1', nothing);
}

/**
 * Keeps the process running when the readers of its standard streams are gone. Without a listener for 'error', Node ends a process that writes to a
 * pipe without a reader: `npm start | head` left a database without its registry.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', nothing);
}

function nothing(): void {}

/**
 * Makes these signals end the process at once until a service has started. Otherwise the first process of a container would ignore them, and a pod
 * that is deleted while it waits for its database would stay for its whole grace period.
 * @returns ends that, for `closeOnSignal`
 */
export function endOnSignal(): () => void {
  for (const signal of endings) process.on(signal, end);
  return () => {
    for (const signal of endings) process.off(signal, end);
  };
}

function end(signal: NodeJS.Signals): void {
  process.stderr.write(`${signal}: ended before it had started\n`);
  process.exit(128 + constants.signals[signal]);
}
