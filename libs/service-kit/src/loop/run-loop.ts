import { backoff } from '@longshore/telemetry';
import { pause } from './pause.ts';

/** The result of a worker's step: something was done (run again at once) or not (rest). */
export type StepOutcome = 'worked' | 'idle';

export interface LoopOptions {
  readonly step: () => Promise<StepOutcome>;
  /** Milliseconds to rest after a step that found nothing. */
  readonly interval: number;
  readonly signal: AbortSignal;
  /** Learns of a failed step. The loop continues after a growing rest. */
  readonly failed: (fault: unknown) => void;
  /** Milliseconds of the longest rest after failed steps. Default: a minute, or the interval if that is longer. */
  readonly longest?: number;
  /** 0 ≤ x < 1. Spreads replicas that started together. */
  readonly jitter?: () => number;
}

/**
 * Runs a step repeatedly until the signal aborts. The loop does not know what the step does. Any number of loops over the same queue may run, in any
 * number of processes, since a step claims its row.
 */
export async function runLoop({
  step,
  interval,
  signal,
  failed,
  longest = Math.max(interval, 60_000),
  jitter = Math.random,
}: LoopOptions): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    let rest = interval;
    try {
      rest = (await step()) === 'worked' ? 0 : interval;
      failures = 0;
    } catch (fault) {
      failures += 1;
      rest = backoff(failures, { first: 2 * interval, longest });
      failed(fault);
    }
    if (rest > 0) await pause(rest * (0.5 + jitter()), signal);
  }
}
