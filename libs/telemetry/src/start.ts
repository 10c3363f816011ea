import { context, propagation, trace } from '@opentelemetry/api';
import { switchTracing } from './tracing.ts';

export interface TelemetrySettings {
  /** Name of the process in traces, unless `OTEL_SERVICE_NAME` is set. */
  readonly serviceName: string;
  /** `telemetry.otlp.endpoint`. The variable `OTEL_EXPORTER_OTLP_ENDPOINT` overrides it. */
  readonly otlpEndpoint?: string | undefined;
}

export interface Telemetry {
  /** Sends buffered spans and stops. Never rejects: an unavailable collector must not disturb a shutdown. */
  shutdown(): Promise<void>;
}

const off: Telemetry = { shutdown: async () => undefined };

/** Loads the SDK if `startTelemetry` would start it. @throws Error of Node if it is not installed */
export async function loadTracing(otlpEndpoint: string | undefined): Promise<void> {
  if (wantsTraces(process.env, otlpEndpoint)) await loadSdk();
}

async function loadSdk() {
  const [{ NodeSDK }, { W3CTraceContextPropagator }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/core'),
  ]);
  return { NodeSDK, W3CTraceContextPropagator };
}

/**
 * Starts tracing if an exporter or a collector is named (ADR 0023). The SDK reads all other `OTEL_*` variables itself: protocol, headers, sampler,
 * limits. It is loaded only then, so a process without tracing pays neither its memory nor its start time. Metrics stay with Prometheus, and logs
 * with standard output.
 */
export async function startTelemetry({ serviceName, otlpEndpoint }: TelemetrySettings): Promise<Telemetry> {
  // The SDK takes its settings only from the environment.
  const { env } = process;
  if (!wantsTraces(env, otlpEndpoint)) return off;
  if (!isGiven(env['OTEL_EXPORTER_OTLP_ENDPOINT']) && isGiven(otlpEndpoint))
    env['OTEL_EXPORTER_OTLP_ENDPOINT'] = otlpEndpoint;
  // For clients and receivers: our own processes pass W3C trace context on. The SDK's default would send baggage to webhooks.
  if (!isGiven(env['OTEL_PROPAGATORS'])) env['OTEL_PROPAGATORS'] = 'tracecontext';
  const { NodeSDK, W3CTraceContextPropagator } = await loadSdk();
  const sdk = new NodeSDK({
    ...(isGiven(env['OTEL_SERVICE_NAME']) ? {} : { serviceName }),
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  switchTracing(new W3CTraceContextPropagator());
  return {
    shutdown: async () => {
      switchTracing(undefined);
      await sdk.shutdown().catch(() => undefined);
      // Clears the registrations of an earlier start in this process, which would block this one.
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}

/**
 * `none` and `OTEL_SDK_DISABLED` override everything else. Without any setting for traces there are none, since the default address may have no
 * listener.
 */
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

/** OpenTelemetry's specification takes an empty variable for one that is not set. */
function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}
