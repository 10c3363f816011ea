import { context, propagation, trace } from '@opentelemetry/api';
import { switchTracing } from './tracing.ts';

export interface TelemetrySettings {
  /** What the traces call this process, unless `OTEL_SERVICE_NAME` does. */
  readonly serviceName: string;
  /** `telemetry.otlp.endpoint`, the same as the variable `OTEL_EXPORTER_OTLP_ENDPOINT`, which wins. */
  readonly otlpEndpoint?: string | undefined;
}

export interface Telemetry {
  /** Sends what is buffered and stops. Never rejects: a collector that is away must not spoil a shutdown. */
  shutdown(): Promise<void>;
}

const off: Telemetry = { shutdown: async () => undefined };

/**
 * Starts tracing when an exporter or a collector is named (ADR 0023). Everything else follows the `OTEL_*` variables, which the SDK reads by itself:
 * protocol, headers, sampler, limits. The SDK is loaded only then, so that a process without tracing pays neither its memory nor its start time.
 * Metrics stay with Prometheus and logs with standard output.
 */
export async function startTelemetry({ serviceName, otlpEndpoint }: TelemetrySettings): Promise<Telemetry> {
  // The SDK knows no other place for its settings.
  const { env } = process;
  if (!wantsTraces(env, otlpEndpoint)) return off;
  if (isGiven(otlpEndpoint)) env['OTEL_EXPORTER_OTLP_ENDPOINT'] ??= otlpEndpoint;
  // The SDK's own default carries a client's baggage to every service and webhook.
  env['OTEL_PROPAGATORS'] ??= 'tracecontext';
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({
    ...(isGiven(env['OTEL_SERVICE_NAME']) ? {} : { serviceName }),
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  switchTracing('on');
  return {
    shutdown: async () => {
      switchTracing('off');
      await sdk.shutdown().catch(() => undefined);
      // Another start in the same process would be refused by what is registered.
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}

/** `none` and `OTEL_SDK_DISABLED` switch off whatever else is said. Without a word of traces there are none: nobody may listen at the default address. */
function wantsTraces(env: NodeJS.ProcessEnv, otlpEndpoint: string | undefined): boolean {
  const exporters = (env['OTEL_TRACES_EXPORTER'] ?? '').split(',').map((name) => name.trim());
  if (exporters.includes('none') || env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  return [
    otlpEndpoint,
    exporters.join(''),
    env['OTEL_EXPORTER_OTLP_ENDPOINT'],
    env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
  ].some(isGiven);
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
