export {
  Batcher,
  BatcherFullError,
  Failed,
  type Batch,
  type BatcherOptions,
  type GetOptions,
  type Settled,
} from './batcher.ts';
export { closedLabel } from './closed-label.ts';
export { createLogger, type Logger, type LoggerConfig } from './logger.ts';
export { Metrics, type MetricsConfig, type ServedRequest, type StorageLabels } from './metrics.ts';
export { isSecretName, redact, redacted, redactText } from './redact.ts';
export { startTelemetry, type Telemetry, type TelemetrySettings } from './start.ts';
export { injectTrace, traced, withTrace, type TraceCarrier } from './trace-context.ts';
