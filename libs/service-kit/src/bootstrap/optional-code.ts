import { codeOf, type Configuration, storageDriverOf, storageOptionsOf } from '@longshore/configuration';
import { loadStorageCode } from '@longshore/stores';
import { loadTracing } from '@longshore/telemetry';

/**
 * Loads the code whose packages only some configurations need, before a start opens anything: storage drivers, their middleware, tracing, ACME.
 * @throws Error in which `missingPackage` finds the package, if one is not installed
 */
export async function loadOptionalCode(config: Configuration): Promise<void> {
  const { fallback = {}, middleware } = storageOptionsOf(config);
  const drivers = [storageDriverOf(config.storage), fallback].flatMap((named) => Object.keys(named));
  await loadStorageCode(drivers, middleware);
  await loadTracing(config.telemetry.otlp.endpoint);
  if (config.http.tls?.letsencrypt !== undefined) await import('../acme/start-acme.ts');
}

/** Returns the name of the package that Node did not find, if that is why the start failed. */
export function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Node gives the name in its message only.
  const found =
    codeOf(error) === 'ERR_MODULE_NOT_FOUND' && /^Cannot find package '([^']+)'/.exec(error.message);
  return found ? found[1] : missingPackage(error.cause);
}
