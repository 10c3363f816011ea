import { setTimeout as sleep } from 'node:timers/promises';
import { type Metrics, series } from '@longshore/telemetry';
import type { Bus } from '../bus.ts';
import { defineRequest } from '../request.ts';

/** The two ends of one bus, which may be the same object, and what its servers logged and measured. */
export interface BusUnderTest {
  readonly asker: Bus;
  readonly server: Bus;
  readonly logged: unknown[];
  /** The metrics of the servers. */
  readonly metrics: Metrics;
}

/** Registers handlers at the server, then starts both ends. */
export type Serving = <T>(register: (server: Bus) => T) => Promise<T>;

interface Echo {
  readonly text?: string;
  readonly bytes?: Uint8Array;
  readonly list?: readonly Uint8Array[];
}

const parties = { servedBy: 'manifest-service', askedBy: ['api-gateway'] } as const;
export const echo = defineRequest<Echo, Echo>({ subject: 'test.echo', ...parties, deadlineMs: 5_000 });
export const lookUp = defineRequest<number, number>({
  subject: 'test.look-up',
  ...parties,
  deadlineMs: 5_000,
  lookup: true,
});
export const narrow = defineRequest<number, number>({
  subject: 'test.narrow',
  ...parties,
  deadlineMs: 5_000,
  limits: { concurrency: 1, queue: 1 },
});

export const until = async (condition: () => boolean): Promise<void> => {
  const end = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('it never became true');
    await sleep(2);
  }
};

/** Returns the number of recorded answers by their outcome. */
export async function recorded(metrics: Metrics): Promise<Record<string, number>> {
  const { values } = await metrics.histogram(series.busAnswers).get();
  const counts = values.filter(({ metricName }) => metricName === `${series.busAnswers.name}_count`);
  return Object.fromEntries(counts.map(({ labels, value }) => [labels.outcome, value]));
}
