import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';

/** W3C trace context as header fields: `traceparent`, `tracestate`. */
export type TraceCarrier = Readonly<Record<string, string>>;

export interface SpanOptions {
  /** `server` answers what came over a wire, `client` asks over one. Default `internal`. */
  readonly kind?: 'internal' | 'server' | 'client' | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface RootOptions extends SpanOptions {
  /** Header fields in which another process may have named the span that this one continues. */
  readonly continues?: Readonly<Record<string, string | string[] | undefined>> | undefined;
  /** The cause, where it belongs to another trace. */
  readonly causedBy?: TraceCarrier | undefined;
}

const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

/** Undefined while tracing is off: then nothing below makes an object or asks for the active context. */
let tracer: Tracer | undefined;

/** For `startTelemetry` alone. */
export function switchTracing(state: 'on' | 'off'): void {
  tracer = state === 'on' ? trace.getTracer('longshore') : undefined;
}

/** Whether spans are made: asked before what they tell is put together. */
export function isTracing(): boolean {
  return tracer !== undefined;
}

/** A span that has begun. It must be ended once. */
export class OpenSpan {
  readonly #span: Span;
  readonly #context: Context;

  constructor(span: Span, parent: Context) {
    this.#span = span;
    this.#context = trace.setSpan(parent, span);
  }

  /** Runs `work`, and what it waits for, inside the span: spans that begin there are its children, log lines carry its ids. */
  run<T>(work: () => T): T {
    return context.with(this.#context, work);
  }

  rename(name: string): void {
    this.#span.updateName(name);
  }

  set(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  /** @param fault why what the span covers has failed: an error, of which the name is told and not the text, which may quote a secret; or a word */
  end(fault?: unknown): void {
    if (fault !== undefined) {
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
      this.#span.setAttribute('error.type', errorType(fault));
    }
    this.#span.end();
  }
}

function errorType(fault: unknown): string {
  if (fault instanceof Error) return fault.name;
  return typeof fault === 'string' ? fault : typeof fault;
}

/** Begins what starts a trace, or continues that of another process. Undefined while tracing is off. */
export function rootSpan(name: string, options: RootOptions): OpenSpan | undefined {
  if (tracer === undefined) return undefined;
  const { continues, causedBy, kind = 'internal', attributes = {} } = options;
  const parent = continues === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, continues);
  const cause = causedBy && trace.getSpanContext(propagation.extract<TraceCarrier>(ROOT_CONTEXT, causedBy));
  const links = cause === undefined ? [] : [{ context: cause }];
  return new OpenSpan(tracer.startSpan(name, { kind: kinds[kind], attributes, links }, parent), parent);
}

/** Begins a part of the span that is active. Undefined where none is, and while tracing is off: work of nobody makes no traces. */
export function childSpan(name: string, options: SpanOptions = {}): OpenSpan | undefined {
  return spanWithin(activeTrace(), name, options);
}

/** The context of the active span; undefined where none is. */
export function activeTrace(): Context | undefined {
  if (tracer === undefined) return undefined;
  const active = context.active();
  return trace.getSpan(active) === undefined ? undefined : active;
}

/** Begins a part of one span that is done for others as well: they are linked. Undefined without a parent. */
export function spanWithin(
  parent: Context | undefined,
  name: string,
  { kind = 'internal', attributes = {} }: SpanOptions,
  others: readonly Context[] = [],
): OpenSpan | undefined {
  if (tracer === undefined || parent === undefined) return undefined;
  const links = others.flatMap((other) => linkTo(trace.getSpanContext(other)));
  return new OpenSpan(tracer.startSpan(name, { kind: kinds[kind], attributes, links }, parent), parent);
}

function linkTo(span: SpanContext | undefined): { context: SpanContext }[] {
  return span === undefined ? [] : [{ context: span }];
}

/** Runs `work` in a child of the active span, which ends with it; as it is where no span is active. */
export function traced<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  return within(childSpan(name, options), work);
}

/** Runs `work` in a span, if there is one, and ends it. */
export function within<T>(span: OpenSpan | undefined, work: () => Promise<T>): Promise<T> {
  return span === undefined ? work() : ended(span, work);
}

async function ended<T>(span: OpenSpan, work: () => Promise<T>): Promise<T> {
  try {
    const result = await span.run(work);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/** The trace of the running code, to be continued elsewhere; undefined where no span is active. */
export function injectTrace(): TraceCarrier | undefined {
  if (activeTrace() === undefined) return undefined;
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] === undefined ? undefined : carrier;
}

/** The trace of the running code in one field, for a row; undefined where no span is active. */
export function traceparent(): string | undefined {
  return injectTrace()?.['traceparent'];
}

/** Ids of the active span, for the log. */
export function traceIds(): { readonly trace_id: string; readonly span_id: string } | undefined {
  const active = activeTrace();
  const span = active && trace.getSpanContext(active);
  return span && { trace_id: span.traceId, span_id: span.spanId };
}
