export { Batcher, BatcherFullError, Failed, type Batch, type GetOptions } from './batcher.ts';
export { createLogger, type Logger } from './logger.ts';
export { Metrics } from './metrics.ts';
export { startTelemetry } from './start.ts';
export { injectTrace, traced, withTrace, type TraceCarrier } from './trace-context.ts';
