import { OciError } from '@longshore/oci';
import { type Metrics, series } from '@longshore/telemetry';

/** Records a question at its end. `began` is its start, by `performance.now()`. */
export type BusTimes = (subject: string, outcome: string, began: number) => void;

/** Returns a recorder for the questions that this process asks, or for those that it answers. */
export function busTimes(metrics: Metrics | undefined, of: 'busRequests' | 'busAnswers'): BusTimes {
  if (metrics === undefined) return () => undefined;
  const times = metrics.histogram(series[of]);
  return (subject, outcome, began) => times.observe({ subject, outcome }, (performance.now() - began) / 1000);
}

/** The code of a refusal; codes are a closed set. */
export function outcomeOf(error: unknown): string {
  return error instanceof OciError ? error.code : 'UNKNOWN';
}
