import type { ClaimedDelivery } from '@longshore/metadata';
import { isTracing, type OpenSpan, rootSpan } from '@longshore/telemetry';

/**
 * Starts the span of one attempt. The first attempt belongs to the trace of the request that caused the event. A later one runs after that trace has
 * ended, so it starts a new trace with a link to the cause (ADR 0023). Returns undefined if the cause was not traced.
 */
export function deliverySpan({ endpoint, eventId, attempts, trace }: ClaimedDelivery): OpenSpan | undefined {
  if (trace === undefined || !isTracing()) return undefined;
  const cause = { traceparent: trace };
  return rootSpan('deliver event', {
    kind: 'client',
    attributes: {
      'longshore.endpoint': endpoint,
      'longshore.event.id': eventId,
      'longshore.delivery.attempt': attempts,
    },
    ...(attempts === 1 ? { continues: cause } : { causedBy: cause }),
  });
}
