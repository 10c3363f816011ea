import { describe, expect, it } from 'vitest';
import { runToEnd } from '../results/run-to-end.ts';
import { chart, template } from './render-chart.ts';
import { scenarioOptions, scenarios } from './scenarios.ts';

describe('helm lint --strict', () => {
  it.each(scenarios)('reports nothing about %s', async (scenario) => {
    const words = ['lint', '--strict', chart, ...scenarioOptions(scenario)];
    const { code, output } = await runToEnd('helm', words, { output: 'collect' });
    expect(output).toContain('0 chart(s) failed');
    expect(output).not.toMatch(/\[(WARNING|ERROR)\]/);
    expect(code).toBe(0);
  });
});

describe('helm template', () => {
  it.each(scenarios)('renders the same from %s each time', async (scenario) => {
    const [first, second] = await Promise.all([
      template({}, scenarioOptions(scenario)),
      template({}, scenarioOptions(scenario)),
    ]);
    expect(first).toHaveProperty('manifest');
    expect(second).toEqual(first);
  });
});
