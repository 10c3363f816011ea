import { setTimeout as sleep } from 'node:timers/promises';
import { backoff } from '@longshore/telemetry';

/** What one step of a worker found: something (look again at once) or nothing (rest). */
export type StepOutcome = 'worked' | 'idle';

export interface LoopOptions {
  readonly step: () => Promise<StepOutcome>;
  /** The rest after a step that found nothing. Milliseconds. */
  readonly interval: number;
  readonly signal: AbortSignal;
  /** Learns of a failed step; the loop goes on after a growing rest. */
  readonly failed: (fault: unknown) => void;
  /** 0 ≤ x < 1. Replicas that started together must not look together for ever. */
  readonly jitter?: () => number;
}

/** No rest grows beyond this many intervals, or one minute, whichever is longer. */
const longestRest = (interval: number): number => Math.max(interval, 60_000);

/**
 * Runs a step again and again until the signal. It knows nothing of what the step does; any number of loops over the same queue may run, in
 * any number of processes, since a step claims its row.
 */
export async function runLoop({
  step,
  interval,
  signal,
  failed,
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
      rest = backoff(failures, { first: 2 * interval, longest: longestRest(interval) });
      failed(fault);
    }
    if (rest > 0) await pause(rest * (0.5 + jitter()), signal);
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
