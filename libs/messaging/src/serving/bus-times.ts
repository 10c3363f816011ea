import { OciError } from '@longshore/oci';
import { type Metrics, series } from '@longshore/telemetry';

/** Told of each question when it is over. Seconds. */
export type BusTimes = (subject: string, outcome: string, seconds: number) => void;

/** Of the questions that are asked here, or answered here. */
export function busTimes(metrics: Metrics | undefined, of: 'busRequests' | 'busAnswers'): BusTimes {
  if (metrics === undefined) return () => undefined;
  const times = metrics.histogram(series[of]);
  return (subject, outcome, seconds) => times.observe({ subject, outcome }, seconds);
}

/** The code of a refusal; codes are a closed set. */
export function outcomeOf(error: unknown): string {
  return error instanceof OciError ? error.code : 'UNKNOWN';
}
