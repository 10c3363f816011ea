import { describe, expect, it } from 'vitest';
import { runStorm } from './run-storm.ts';

const pushes = Number(process.env['LONGSHORE_RACE_PUSHES'] ?? '300');
const seed = Number(process.env['LONGSHORE_RACE_SEED'] ?? Date.now() % 1_000_000);

describe('pushes, deletes and crashes beside two collectors', () => {
  it(
    `keeps every acknowledged push whole over ${pushes} pushes (seed ${seed})`,
    { timeout: 600_000 },
    async () => {
      const report = await runStorm({ pushes, seed, crashProbability: 0.01, damages: false });
      console.log(JSON.stringify(report));
      expect(report.problems).toEqual([]);
      expect(report.acknowledged).toBeGreaterThan(pushes / 2);
      expect(report.crashes).toBeGreaterThan(0);
      expect(report.removed.blobs).toBeGreaterThan(0);
      expect(report.removed.manifests).toBeGreaterThan(0);
    },
  );

  it(
    `mends every damaged or lost object with the next push of its bytes, over ${pushes} pushes (seed ${seed})`,
    { timeout: 600_000 },
    async () => {
      const report = await runStorm({ pushes, seed, crashProbability: 0.01, damages: true });
      console.log(JSON.stringify(report));
      expect(report.problems).toEqual([]);
      expect(report.acknowledged).toBeGreaterThan(0);
      expect(report.damaged).toBeGreaterThan(10);
      expect(report.refusedPulls).toBeGreaterThan(0);
    },
  );
});
