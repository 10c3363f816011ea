import { describe, expect, it } from 'vitest';
import { podsOf } from './pods.ts';
import { type KubernetesObject, named, render, renderAlone, type Values } from './render-chart.ts';
import { scenarioOptions, scenarios } from './scenarios.ts';

/** Returns every selector of pods, or of services, in an object. */
function selectorsOf({ kind, spec = {} }: KubernetesObject): unknown[] {
  const own = [
    kind === 'Service' ? spec.selector : spec.selector?.matchLabels,
    spec.podSelector?.matchLabels,
  ];
  return [...own, ...placementsOf(spec.template?.spec)].filter((selector) => selector !== undefined);
}

function placementsOf(pod: KubernetesObject['spec'] = {}): unknown[] {
  const terms = pod.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return [...(pod.topologySpreadConstraints ?? []), ...terms].map(
    ({ labelSelector }: { labelSelector: { matchLabels: unknown } }) => labelSelector.matchLabels,
  );
}

async function blobServiceOf(values: Values, release: string): Promise<string | undefined> {
  const objects = await renderAlone(values, [...scenarioOptions('s3'), '--name-template', release]);
  return named(objects, 'Deployment').find((name) => name.endsWith('-blob-service'));
}

describe('names', () => {
  it('keep two releases apart, and fit', async () => {
    expect(await blobServiceOf({}, 'one')).toBe('one-longshore-blob-service');
    expect(await blobServiceOf({ nameOverride: 'registry' }, 'one')).toBe('one-registry-blob-service');
    expect(await blobServiceOf({ fullnameOverride: 'own' }, 'one')).toBe('own-blob-service');
    const objects = await renderAlone({}, [...scenarioOptions('s3'), '--name-template', 'a'.repeat(53)]);
    const longest = Math.max(...objects.map(({ metadata }) => metadata.name.length));
    expect(longest).toBeGreaterThan(40);
    expect(longest).toBeLessThanOrEqual(63);
  });
});

describe('the namespace', () => {
  it.each(scenarios)(
    'of everything in %s is the release’s, or the one that is named instead',
    async (scenario) => {
      for (const [values, namespace] of [
        [{}, 'registry'],
        [{ namespaceOverride: 'elsewhere' }, 'elsewhere'],
      ] as const) {
        const objects = await renderAlone(values, scenarioOptions(scenario));
        const wrong = objects.filter(({ metadata }) => metadata.namespace !== namespace);
        expect(wrong.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
      }
    },
  );
});

describe('labels', () => {
  // The values of `filesystem` spread pods by another label.
  it.each(scenarios.filter((scenario) => scenario !== 'filesystem'))(
    'of %s are those of the release, and select nothing of another',
    async (scenario) => {
      const own = { 'app.kubernetes.io/instance': 'two' };
      const objects = await renderAlone({}, [...scenarioOptions(scenario), '--name-template', 'two']);
      for (const object of objects) expect(object.metadata.labels, object.metadata.name).toMatchObject(own);
      const selectors = objects.flatMap((object) => selectorsOf(object));
      expect(selectors.length).toBeGreaterThan(20);
      for (const selector of selectors) expect(selector).toMatchObject(own);
    },
  );

  it('of the operator are on everything', async () => {
    const objects = await render({ commonLabels: { team: 'platform' } });
    for (const { metadata } of objects)
      expect(metadata.labels, metadata.name).toMatchObject({ team: 'platform' });
    for (const { labels, owner } of podsOf(objects))
      expect(labels, owner).toMatchObject({ team: 'platform' });
  });
});
