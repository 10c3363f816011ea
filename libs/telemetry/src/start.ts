export interface TelemetrySettings {
  readonly serviceName: string;
  /** Base URL of an OTLP/HTTP collector, for example `http://collector:4318`. Without it tracing is off. */
  readonly otlpEndpoint?: string | undefined;
}

export interface Telemetry {
  /** Sends what is buffered and stops. Never rejects: a collector that is away must not spoil a shutdown. */
  shutdown(): Promise<void>;
}

const off: Telemetry = { shutdown: async () => undefined };

/**
 * Starts tracing when a collector is configured; call it before anything else is imported that makes spans.
 * The SDK is loaded only then, so a process without a collector pays neither its memory nor its start time.
 * Sampling follows `OTEL_TRACES_SAMPLER`; metrics stay with Prometheus and logs with standard output.
 */
export async function startTelemetry({ serviceName, otlpEndpoint }: TelemetrySettings): Promise<Telemetry> {
  if (otlpEndpoint === undefined || otlpEndpoint === '') return off;
  const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const url = `${otlpEndpoint.replace(/\/+$/, '')}/v1/traces`;
  const sdk = new NodeSDK({
    serviceName,
    traceExporter: new OTLPTraceExporter({ url }),
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return { shutdown: () => sdk.shutdown().catch(() => undefined) };
}
