export { backoff } from './backoff.ts';
export { Batcher, BatcherFullError, Failed, type Batch, type GetOptions } from './batcher.ts';
export { createLogger, type Logger } from './logger.ts';
export { Metrics } from './metrics.ts';
export { startTelemetry } from './start.ts';
export {
  injectTrace,
  isTracing,
  type OpenSpan,
  rootSpan,
  traced,
  traceparent,
  within,
  type TraceCarrier,
} from './tracing.ts';
