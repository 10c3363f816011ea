import type { Counter, Histogram } from 'prom-client';
import { closedLabel } from './closed-label.ts';
import { childSpan, isTracing, type OpenSpan } from './tracing.ts';

/** The closed sets of what a storage driver does, and how it can end. */
export interface StorageLabels {
  readonly driver: string;
  readonly actions: readonly string[];
  readonly outcomes: readonly string[];
}

/** @returns an observer that records the start and the end of each call of a storage driver. Within a span, each call gets a child span */
export function observeStorage(
  { driver, actions, outcomes }: StorageLabels,
  durations: Histogram<'driver' | 'action'>,
  ends: Counter<'driver' | 'action' | 'outcome'>,
) {
  const outcomeOf = closedLabel(outcomes);
  const counted = (action: string) => (duration: number, ended: string) => {
    durations.observe({ driver, action }, duration);
    ends.inc({ driver, action, outcome: outcomeOf(ended) });
  };
  // Made once for each action, and not for each call.
  const counts = new Map(actions.map((action) => [action, counted(action)]));
  const other = counted('other');
  return (action: string): ((duration: number, ended: string) => void) => {
    const count = counts.get(action) ?? other;
    const span = isTracing() ? storageSpan(driver, action) : undefined;
    if (span === undefined) return count;
    return (duration, ended) => {
      count(duration, ended);
      span.set({ 'longshore.storage.outcome': ended });
      span.end(harmless.has(ended) ? undefined : ended);
    };
  };
}

/** Ends of a storage action that are no failure of the store. */
const harmless = new Set(['ok', 'absent', 'aborted', 'interrupted']);

function storageSpan(driver: string, action: string): OpenSpan | undefined {
  return childSpan(`storage ${action}`, {
    kind: 'client',
    attributes: { 'longshore.storage.driver': driver },
  });
}
