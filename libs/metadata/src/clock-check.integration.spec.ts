import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openManagedDatabase } from './open-managed-database.ts';
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
  const closers: (() => Promise<void>)[] = [];
  const real = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => real() + seconds * 1000);
  await openManagedDatabase(
    { url: postgres.url, poolSize: 1 },
    {
      lifecycle: { onClose: (_, close) => closers.push(close) },
      readiness: { require: () => undefined },
      log: { warn: (_, message) => warnings.push(message), info: () => undefined },
    },
  );
  await Promise.all(closers.map((close) => close()));
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
