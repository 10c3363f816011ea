import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
} from '@opentelemetry/api';

/** W3C trace context as header fields: `traceparent`, `tracestate`, `baggage`. */
export type TraceCarrier = Record<string, string>;

/** The trace context of the running code, or `undefined` when there is none (tracing is off or not sampled yet). */
export function injectTrace(): TraceCarrier | undefined {
  const carrier: TraceCarrier = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] === undefined ? undefined : carrier;
}

/** Runs `work` as a continuation of the trace in `carrier`; without one, runs it as it is. */
export function withTrace<T>(carrier: TraceCarrier | undefined, work: () => T): T {
  if (carrier === undefined) return work();
  return context.with(propagation.extract(ROOT_CONTEXT, carrier), work);
}

const tracer = trace.getTracer('longshore');

/** Runs `work` in a span that ends with it and records its failure. Costs about nothing when tracing is off. */
export async function traced<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      if (error instanceof Error) span.recordException(error);
      throw error;
    } finally {
      span.end();
    }
  });
}
