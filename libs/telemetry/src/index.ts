export { backoff } from './backoff.ts';
export { Batcher, BatcherFullError, Failed, type Batch, type GetOptions } from './batcher.ts';
export { createLogger, type Logger } from './logger.ts';
export { HttpSeries } from './http-series.ts';
export { Metrics } from './metrics.ts';
export { series } from './series/all.ts';
export { loadTracing, startTelemetry } from './start.ts';
export {
  injectTrace,
  isTracing,
  type OpenSpan,
  rootSpan,
  traced,
  traceHeaders,
  traceparent,
  untraced,
  within,
  type TraceCarrier,
} from './tracing.ts';
