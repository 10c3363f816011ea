import { constants } from 'node:os';

export interface ShutdownOptions {
  readonly close: () => Promise<void>;
  readonly log: { info(message: string): void; error(fault: unknown, message: string): void };
  /** After so long the process ends whether or not everything has been closed. Milliseconds. */
  readonly deadline: number;
}

/** What asks a process to end. SIGHUP comes when its terminal is closed. */
const endings = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Each of the signals that end a process closes the service once; further ones change nothing. */
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
  // The launcher that started us (`npm start`) has ended, and with it whoever would end us.
  process.on('disconnect', () => begin('SIGHUP'));
}

/** Node opens its debugger on SIGUSR1, to everybody on the machine who may connect to a port. Somebody who listens keeps it shut. */
export function keepDebuggerShut(): void {
  process.on('SIGUSR1', nothing);
}

/**
 * Lets the process outlive the readers of its standard streams. Node ends a process that writes to a pipe whose reader has gone and listens to no
 * 'error' of the stream: `npm start | head` left a database without its registry.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', nothing);
}

function nothing(): void {}

/**
 * Until a service has started, these signals end the process at once. The first process of a container would otherwise not hear them at all, and
 * a pod that is deleted while it waits for its database would stay for its whole grace period.
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
