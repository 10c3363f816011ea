import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api';

/** W3C trace context as header fields: `traceparent`, `tracestate`. */
export type TraceCarrier = Readonly<Record<string, string>>;

export interface SpanOptions {
  /** `server` answers a remote call, `client` makes one. Default `internal`. */
  readonly kind?: 'internal' | 'server' | 'client' | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface RootOptions extends SpanOptions {
  /** The span of another of our processes, which this one continues. */
  readonly continues?: TraceCarrier | undefined;
  /** Header fields of a client that may name its span in a format of `OTEL_PROPAGATORS`. Ignored with `continues`. */
  readonly client?: Readonly<Record<string, string | string[] | undefined>> | undefined;
  /** The cause, if it belongs to another trace. */
  readonly causedBy?: TraceCarrier | undefined;
}

const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

/** Undefined while tracing is off. Then no function below creates an object or reads the active context. */
let tracer: Tracer | undefined;
/** Writes and reads a `TraceCarrier`. Set while tracing is on. */
let w3c: TextMapPropagator | undefined;

/** Only for `startTelemetry`. @param propagator W3C trace context; undefined switches tracing off */
export function switchTracing(propagator: TextMapPropagator | undefined): void {
  w3c = propagator;
  tracer = propagator && trace.getTracer('longshore');
}

/** Tells whether tracing is on. Check it before computing attributes. */
export function isTracing(): boolean {
  return tracer !== undefined;
}

/** A started span. It must be ended once. */
export class OpenSpan {
  readonly #span: Span;
  readonly #context: Context;

  constructor(span: Span, parent: Context) {
    this.#span = span;
    this.#context = trace.setSpan(parent, span);
  }

  /** Runs `work`, with everything that it awaits, inside the span: spans started there are its children, and log lines have its ids. */
  run<T>(work: () => T): T {
    return context.with(this.#context, work);
  }

  rename(name: string): void {
    this.#span.updateName(name);
  }

  set(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  /** @param fault the reason of a failure: an error, of which only the name is recorded since its text may quote a secret; or a word */
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

/** Starts a span that begins a trace, or continues that of another process. Undefined while tracing is off. */
export function rootSpan(name: string, options: RootOptions): OpenSpan | undefined {
  if (w3c === undefined) return undefined;
  const { continues, client, causedBy } = options;
  const causes = causedBy === undefined ? [] : [read(w3c, causedBy)];
  if (continues !== undefined) return spanWithin(read(w3c, continues), name, options, causes);
  const parent = client === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, client);
  return spanWithin(parent, name, options, causes);
}

function read(propagator: TextMapPropagator, carrier: TraceCarrier): Context {
  return propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}

/** Runs `work` outside any trace. For what the running request starts on behalf of later ones: a timer would carry its trace for ever. */
export function untraced<T>(work: () => T): T {
  return tracer === undefined ? work() : context.with(ROOT_CONTEXT, work);
}

/** Starts a child of the active span. Undefined if there is none or tracing is off: background work makes no traces. */
export function childSpan(name: string, options: SpanOptions = {}): OpenSpan | undefined {
  return spanWithin(activeTrace(), name, options);
}

/** Returns the context of the active span, or undefined. */
export function activeTrace(): Context | undefined {
  if (tracer === undefined) return undefined;
  const active = context.active();
  return trace.getSpan(active) === undefined ? undefined : active;
}

/** Starts a child of one span that also works for other spans, with links to them. Undefined without a parent. */
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

/** Runs `work` in a child of the active span, which ends with it. Without an active span it only runs `work`. */
export function traced<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  return within(childSpan(name, options), work);
}

/** Runs `work` in a span, if there is one, and ends the span. */
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

/** Returns the trace of the running code, for another of our processes to continue; undefined without an active span. */
export function injectTrace(): TraceCarrier | undefined {
  const active = activeTrace();
  if (active === undefined) return undefined;
  const carrier: Record<string, string> = {};
  w3c?.inject(active, carrier, defaultTextMapSetter);
  return carrier['traceparent'] === undefined ? undefined : carrier;
}

/** Returns the trace of the running code for a server that is not ours, in the formats of `OTEL_PROPAGATORS`; empty without an active span. */
export function traceHeaders(): Readonly<Record<string, string>> {
  const active = activeTrace();
  const headers: Record<string, string> = {};
  if (active !== undefined) propagation.inject(active, headers);
  return headers;
}

/** Returns the trace of the running code in one field, for a row; undefined without an active span. */
export function traceparent(): string | undefined {
  return injectTrace()?.['traceparent'];
}

/** Returns the ids of the active span, for the log. */
export function traceIds(): { readonly trace_id: string; readonly span_id: string } | undefined {
  const active = activeTrace();
  const span = active && trace.getSpanContext(active);
  return span && { trace_id: span.traceId, span_id: span.spanId };
}
