import { OciError } from '@longshore/oci';
import { type Metrics, series } from '@longshore/telemetry';

/** Records each question at its end, with its seconds. */
export type BusTimes = (subject: string, outcome: string, seconds: number) => void;

/** Returns a recorder for the questions that this process asks, or for those that it answers. */
export function busTimes(metrics: Metrics | undefined, of: 'busRequests' | 'busAnswers'): BusTimes {
  if (metrics === undefined) return () => undefined;
  const times = metrics.histogram(series[of]);
  return (subject, outcome, seconds) => times.observe({ subject, outcome }, seconds);
}

/** The code of a refusal; codes are a closed set. */
export function outcomeOf(error: unknown): string {
  return error instanceof OciError ? error.code : 'UNKNOWN';
}
