import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runToEnd } from '../results/run-to-end.ts';
import { schemaLocation, writeSchemas } from './kubernetes-schemas.ts';
import { find, type KubernetesObject, render } from './render-chart.ts';
import { renderScenario, scenarios } from './scenarios.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-schemas-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The version that the tests run on, and the newest one. */
describe.each(['v1.34.4', 'v1.37.2'])('Kubernetes %s', (version) => {
  const schemas = join(folder, version);
  beforeAll(() => writeSchemas(schemas, version));

  async function kubeconform(
    objects: readonly KubernetesObject[],
  ): Promise<{ valid: number; complaints: string[] }> {
    const file = join(mkdtempSync(join(folder, 'manifest-')), 'manifest.yaml');
    writeFileSync(file, objects.map((object) => stringify(object, { version: '1.1' })).join('---\n'));
    const words = [
      '-strict',
      '-summary',
      '-verbose',
      '-output',
      'json',
      '-schema-location',
      schemaLocation(schemas),
      file,
    ];
    const { output } = await runToEnd('kubeconform', words, { output: 'collect' });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kubeconform's own format
    const { resources } = JSON.parse(output) as {
      resources: { status: string; kind: string; name: string; msg: string }[];
    };
    const valid = resources.filter(({ status }) => status === 'statusValid');
    const others = resources.filter(({ status }) => status !== 'statusValid');
    return {
      valid: valid.length,
      complaints: others.map(({ kind, name, status, msg }) => `${kind} ${name} ${status} ${msg}`),
    };
  }

  it.each(scenarios)('has a schema for every object of %s, and each is right', async (scenario) => {
    const objects = await renderScenario(scenario);
    expect(await kubeconform(objects)).toEqual({ valid: objects.length, complaints: [] });
  });

  it('refuses an unknown field, a wrong type and a wrong object of another project', async () => {
    const route = { httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } };
    const objects = await render({ ...route, metrics: { serviceMonitor: { enabled: true } } });
    const deployment = structuredClone(find(objects, 'Deployment', 'longshore-notifier'));
    deployment['spec'].template.spec.containers[0].imagePullPolicies = 'Always';
    const service = structuredClone(find(objects, 'Service', 'longshore-api-gateway'));
    service['spec'].ports[0].port = 'http';
    const httpRoute = structuredClone(find(objects, 'HTTPRoute', 'longshore'));
    httpRoute['spec'].rules[0].timeout = '0s';
    const monitor = structuredClone(find(objects, 'ServiceMonitor', 'longshore'));
    monitor['spec'].endpoints[0].interval = 30;
    const { valid, complaints } = await kubeconform([deployment, service, httpRoute, monitor]);
    expect(valid).toBe(0);
    expect(complaints).toHaveLength(4);
    for (const word of [
      'imagePullPolicies',
      "'/spec/ports/0/port'",
      "'timeout'",
      "'/spec/endpoints/0/interval'",
    ])
      expect(complaints.join('\n')).toContain(word);
  });
});
