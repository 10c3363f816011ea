import { RegistryClient, tinyImage } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectWhole } from '../support/expectations.ts';
import { helm, type Release, tryValues, upgrade } from './support/helm.ts';
import { kubectl } from './support/kubectl.ts';
import { passingNamespace } from './support/namespaces.ts';
import { modest, serviceOrigin } from './support/releases.ts';

const namespace = await passingNamespace('uninstall');
const goes: Release = { name: 'longshore-goes', namespace };
const stays: Release = { name: 'longshore-stays', namespace };
const kept = {
  storage: { persistence: { keep: true } },
  postgres: { bundled: { persistence: { keep: true } } },
};
const image = tinyImage({ content: 'two releases' });

/** Lists everything in the namespace that a chart could have created, by kind and name. */
async function everything(): Promise<string[]> {
  const kinds = await kubectl(['api-resources', '--namespaced', '--verbs=list', '--output=name']);
  // Created by Kubernetes itself, beside the chart's objects.
  const own =
    /^(events|endpoints|endpointslices|pods|replicasets|controllerrevisions|leases|bindings|localsubjectaccessreviews)\b/;
  const wanted = kinds.split('\n').filter((kind) => !own.test(kind) && !kind.includes('metrics.k8s.io'));
  const found = await kubectl([
    'get',
    wanted.join(','),
    `--namespace=${namespace}`,
    '--ignore-not-found',
    '--output=name',
  ]);
  return found
    .split('\n')
    .filter((name) => name !== '' && !/^(configmap\/kube-root-ca\.crt|serviceaccount\/default)$/.test(name));
}

function isOf(release: Release, object: string): boolean {
  return (
    (object.split('/')[1] ?? '').startsWith(`${release.name}-`) ||
    object.includes(`sh.helm.release.v1.${release.name}.`)
  );
}

beforeAll(async () => {
  await Promise.all([
    upgrade(goes, { values: [tryValues, modest, kept] }),
    upgrade(stays, { values: [tryValues, modest] }),
  ]);
}, 300_000);

describe('two releases in one namespace', () => {
  it('do not see what is pushed to the other', async () => {
    const [one, other] = [
      new RegistryClient(await serviceOrigin(goes)),
      new RegistryClient(await serviceOrigin(stays)),
    ];
    await one.pushImage('only/one', image, '1');
    await other.pushImage('only/other', image, '1');
    expect((await one.get('/v2/_catalog')).json().repositories).toEqual(['only/one']);
    expect((await other.get('/v2/_catalog')).json().repositories).toEqual(['only/other']);
  });

  it(
    'leave what was to be kept when one is uninstalled, and do not touch the other',
    { timeout: 240_000 },
    async () => {
      const before = await everything();
      const ofStays = before.filter((object) => isOf(stays, object));
      expect(ofStays.length).toBeGreaterThan(20);
      await helm('uninstall', goes, '--wait', '--timeout=180s');
      const left = (await everything()).filter((object) => isOf(goes, object));
      expect(left.toSorted()).toEqual([
        'persistentvolumeclaim/longshore-goes-blobs',
        'persistentvolumeclaim/longshore-goes-postgres',
        // Without it the kept database cannot be opened.
        'secret/longshore-goes-postgres',
      ]);
      expect((await everything()).filter((object) => isOf(stays, object))).toEqual(ofStays);
      const other = new RegistryClient(await serviceOrigin(stays));
      expect((await other.get('/v2/only/other/manifests/1')).body).toEqual(image.bytes);
    },
  );

  it('have again what was kept after another install of that name', { timeout: 240_000 }, async () => {
    await upgrade(goes, { values: [tryValues, modest, kept] });
    await expectWhole(new RegistryClient(await serviceOrigin(goes)), 'only/one', image, '1');
  });
});
