import { loadConfiguration } from '@longshore/configuration';
import { Lifecycle, Readiness } from '@longshore/service-kit';
import { createLogger, Metrics } from '@longshore/telemetry';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabase } from './open-database.ts';
import { migratedDatabase } from './testing/index.ts';

let postgres: Awaited<ReturnType<typeof migratedDatabase>>;
beforeAll(async () => {
  postgres = await migratedDatabase();
});
afterAll(() => postgres.drop());
afterEach(() => {
  vi.restoreAllMocks();
});

/** Returns the warnings of a service whose clock is ahead by `seconds`. */
async function warningsAhead(seconds: number): Promise<string[]> {
  const warnings: string[] = [];
  const lifecycle = new Lifecycle();
  const real = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => real() + seconds * 1000);
  await openDatabase(
    {
      config: loadConfiguration({ environment: { REGISTRY_STORAGE: 'inmemory' } }),
      lifecycle,
      readiness: new Readiness(),
      metrics: new Metrics({ service: 'test' }),
      log: createLogger({ level: 'warn' }, { write: (line) => void warnings.push(line) }),
    },
    postgres.url,
  );
  await lifecycle.onApplicationShutdown();
  return warnings;
}

describe('the database of a service', () => {
  it.each([600, -600])(
    'is not opened without a word on a machine whose clock is off by %d s',
    async (seconds) => {
      expect(await warningsAhead(seconds)).toEqual([expect.stringContaining('clock differs')]);
    },
  );

  it('logs nothing for a clock that is right', async () => {
    expect(await warningsAhead(0)).toEqual([]);
  });
});
