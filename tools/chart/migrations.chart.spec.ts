import { describe, expect, it } from 'vitest';
import { podsOf, variablesOf } from './pods.ts';
import { find, type KubernetesObject, named, render, type Values } from './render-chart.ts';

const migrating = (objects: readonly KubernetesObject[]): string[] =>
  podsOf(objects)
    .filter(({ spec }) => spec.initContainers?.some(({ name }: { name: string }) => name === 'migrate'))
    .map(({ labels }) => labels['app.kubernetes.io/component'] ?? '');

const nameOf = async (values: Values): Promise<string | undefined> => {
  const objects = await render({ migrations: { mode: 'job' }, ...values });
  const [name] = named(objects, 'Job');
  expect(find(objects, 'Job', name ?? '').metadata).not.toHaveProperty('annotations');
  return name;
};

describe('migrations', () => {
  it('by a hook need nothing that the release makes', async () => {
    const objects = await render({ migrations: { mode: 'hook' } });
    const job = find(objects, 'Job', 'longshore-migrate');
    expect(job.metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
    const { spec } = job['spec'].template;
    expect(spec).toMatchObject({ serviceAccountName: 'default', restartPolicy: 'Never' });
    expect(job['spec'].podFailurePolicy.rules).toEqual([
      { action: 'FailJob', onExitCodes: { containerName: 'migrate', operator: 'In', values: [64, 78] } },
    ]);
    expect(spec.volumes.map(({ secret }: { secret?: { secretName: string } }) => secret?.secretName)).toEqual(
      ['longshore-postgres'],
    );
    expect(named(objects, 'Secret')).toEqual([]);
    expect(variablesOf(spec.containers[0])).toEqual({
      REGISTRY_POSTGRES_HOST: 'postgres.example',
      REGISTRY_POSTGRES_PORT: '5432',
      REGISTRY_POSTGRES_USER: 'longshore',
      REGISTRY_POSTGRES_DATABASE: 'longshore',
      REGISTRY_POSTGRES_POOL: '10',
      REGISTRY_POSTGRES_PASSWORD_FILE: '/run/secrets/longshore/postgres/password',
    });
    expect(migrating(objects)).toEqual([]);
    // Its policy must exist before it, and is deleted with it.
    const policy = find(objects, 'NetworkPolicy', 'longshore-migrations');
    expect(Number(policy.metadata.annotations?.['helm.sh/hook-weight'])).toBeLessThan(
      Number(job.metadata.annotations?.['helm.sh/hook-weight']),
    );
  });

  it('by a Job have another name with each version, since a Job cannot be changed', async () => {
    const first = await nameOf({});
    expect(first).toMatch(/^longshore-migrate-[0-9a-f]{8}$/);
    expect(await nameOf({ commonLabels: {} })).toBe(first);
    expect(await nameOf({ image: { tag: 'next' } })).not.toBe(first);
  });

  it('by init containers run in every pod that reads the database', async () => {
    const objects = await render({ migrations: { mode: 'initContainer' } });
    expect(migrating(objects).toSorted()).toEqual([
      'auth-service',
      'blob-service',
      'garbage-collector',
      'manifest-service',
      'notifier',
    ]);
    expect(named(objects, 'Job')).toEqual([]);
  });

  it('by hand are nowhere', async () => {
    const objects = await render({ migrations: { mode: 'none' } });
    expect(migrating(objects)).toEqual([]);
    expect(named(objects, 'Job')).toEqual([]);
    expect(named(objects, 'NetworkPolicy')).not.toContain('longshore-migrations');
  });

  it('take what an operator turns', async () => {
    const own = {
      mode: 'job',
      backoffLimit: 1,
      activeDeadlineSeconds: 60,
      serviceAccountName: 'migrator',
      podLabels: { a: 'b' },
      podAnnotations: { c: 'd' },
      nodeSelector: { e: 'f' },
      tolerations: [{ operator: 'Exists' }],
      extraEnv: [{ name: 'G', value: 'h' }],
      extraVolumes: [{ name: 'i', emptyDir: {} }],
      extraVolumeMounts: [{ name: 'i', mountPath: '/i' }],
    };
    const objects = await render({ migrations: own });
    const { spec } = find(objects, 'Job', named(objects, 'Job')[0] ?? '');
    expect(spec).toMatchObject({ backoffLimit: 1, activeDeadlineSeconds: 60 });
    expect(spec.template).toMatchObject({
      metadata: { labels: { a: 'b' }, annotations: { c: 'd' } },
      spec: { serviceAccountName: 'migrator', nodeSelector: { e: 'f' }, tolerations: own.tolerations },
    });
    const [container] = spec.template.spec.containers;
    expect(container.env).toContainEqual({ name: 'G', value: 'h' });
    expect(container.volumeMounts).toContainEqual({ name: 'i', mountPath: '/i' });
    expect(spec.template.spec.volumes).toContainEqual({ name: 'i', emptyDir: {} });
  });
});
