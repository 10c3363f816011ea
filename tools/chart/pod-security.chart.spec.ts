import { describe, expect, it } from 'vitest';
import { serviceNames } from '../service-names.ts';
import { containersOf, podsOf } from './pods.ts';
import { renderScenario, scenarios } from './scenarios.ts';

/** Volumes that the PodSecurity level `restricted` allows. */
const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

describe.each(scenarios)('the pods of %s', (scenario) => {
  const rendered = renderScenario(scenario).then((objects) => podsOf(objects));

  it('pass PodSecurity `restricted`', async () => {
    for (const pod of await rendered) {
      const { spec, owner } = pod;
      expect(spec, owner).toMatchObject({
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(spec.securityContext.runAsUser, owner).toBeGreaterThan(0);
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(spec[field], owner).toBeUndefined();
      for (const volume of spec.volumes ?? [])
        expect(allowedVolumes, `${owner} ${volume.name}`).toContain(
          Object.keys(volume).find((key) => key !== 'name'),
        );
      for (const container of containersOf(pod)) {
        expect(container.securityContext, `${owner} ${container.name}`).toMatchObject({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          runAsNonRoot: true,
        });
        for (const { hostPort } of container.ports ?? []) expect(hostPort, owner).toBeUndefined();
      }
    }
  });

  it('write to nothing but their volumes, and have no token of the cluster', async () => {
    for (const pod of await rendered) {
      expect(pod.spec, pod.owner).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
      });
      for (const { securityContext } of containersOf(pod))
        expect(securityContext, pod.owner).toMatchObject({ readOnlyRootFilesystem: true });
    }
  });

  it('say why they failed, ask for resources, and name an image by tag or digest', async () => {
    for (const pod of await rendered) {
      for (const container of containersOf(pod)) {
        const at = `${pod.owner} ${container.name}`;
        expect(container, at).toMatchObject({
          terminationMessagePolicy: 'FallbackToLogsOnError',
          resources: {
            requests: { cpu: expect.anything(), memory: expect.anything() },
            limits: { memory: expect.anything() },
          },
        });
        expect(container.image, at).toMatch(/(:[\w.-]+|@sha256:[0-9a-f]{64})$/);
        expect(container.image, at).not.toMatch(/:latest$/);
      }
    }
  });

  it('name their component', async () => {
    const components = (await rendered).map(({ labels }) => labels['app.kubernetes.io/component']);
    for (const service of serviceNames) expect(components).toContain(service);
    expect(new Set(components).size).toBe(components.length);
  });
});
