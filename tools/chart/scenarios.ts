import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { chart, type KubernetesObject, renderAlone } from './render-chart.ts';

/** Secrets that the chart would generate, which only a cluster can remember. */
const made = [
  '--set',
  'postgres.existingSecret=longshore-postgres',
  '--set',
  'nats.existingSecret=longshore-nats',
  '--set',
  'servicesSecret.existingSecret=longshore-services',
];

/** The values of charts/longshore/ci. Each is a whole deployment for another situation. */
export const scenarios = readdirSync(join(chart, 'ci')).map((file) => file.replace('-values.yaml', ''));

export function scenarioOptions(scenario: string): string[] {
  const file = join(chart, 'ci', `${scenario}-values.yaml`);
  return ['--values', file, ...(scenario === 'try' ? made : [])];
}

const rendered = new Map<string, Promise<readonly KubernetesObject[]>>();

/** Renders the objects of a scenario once. Tests do not change them. */
export function renderScenario(scenario: string): Promise<readonly KubernetesObject[]> {
  const known = rendered.get(scenario) ?? renderAlone({}, scenarioOptions(scenario));
  rendered.set(scenario, known);
  return known;
}
