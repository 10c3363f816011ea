import { describe, expect, it } from 'vitest';
import { serviceNames as services } from '../service-names.ts';
import { podOf, podsOf, variablesOf } from './pods.ts';
import { mountsOf, readBy, secrets } from './read-by.ts';
import { find, type KubernetesObject, merge, render, type Values } from './render-chart.ts';

const base: Values = {
  externalUrl: 'https://registry.example',
  auth: { seal: { existingSecret: 'seal' } },
};

const directory: Values = {
  auth: { ldap: { existingSecret: 'directory', caKey: 'ca.crt' } },
  configuration: {
    auth: {
      ldap: { urls: ['ldaps://directory.example'], search: { base: 'dc=example', binddn: 'cn=reader' } },
    },
  },
};

const providers: Values = {
  auth: { providers: { existingSecret: 'providers', caKey: 'ca.crt' } },
  configuration: {
    auth: {
      token: {},
      oidc: {
        providers: [
          { name: 'company', issuer: 'https://id.example', clientid: 'longshore' },
          { name: 'other', issuer: 'https://b.example', clientid: 'c', clientsecretfile: '/own/secret' },
        ],
      },
    },
  },
};

/** Returns the pods that mount a credential. */
const mounting = (objects: readonly KubernetesObject[], name: string): string[] =>
  podsOf(objects)
    .filter((pod) => (pod.spec.containers[0].volumeMounts ?? []).length > 0)
    .filter((pod) => mountsOf(pod).includes(`${secrets}/${name}`))
    .map(({ owner }) => owner);

describe('a directory', () => {
  it('is asked by auth-service alone, with a password and authorities that no other pod has', async () => {
    const objects = await render(merge(base, directory));
    expect(readBy('auth-service', objects).auth?.ldap).toMatchObject({
      ca: expect.stringMatching(/\/directory\/ca\.crt$/),
      search: { binddn: 'cn=reader', password: 'of-the-secret' },
    });
    for (const service of services.filter((name) => name !== 'auth-service'))
      expect(readBy(service, objects).auth?.ldap, service).not.toHaveProperty('search.password');
    expect(mounting(objects, 'directory')).toEqual(['Deployment longshore-auth-service']);
  });

  it('that everybody may search needs no password', async () => {
    const search = { base: 'dc=example' };
    const objects = await render(
      merge(base, { configuration: { auth: { ldap: { urls: ['ldaps://a'], search } } } }),
    );
    expect(readBy('auth-service', objects).auth?.ldap?.search).toMatchObject(search);
    expect(mounting(objects, 'directory')).toEqual([]);
  });
});

describe('an identity provider', () => {
  it('knows the registry by a secret that auth-service alone reads', async () => {
    const objects = await render(merge(base, providers));
    const { auth, egress, http } = readBy('auth-service', objects);
    expect(auth?.oidc?.providers.map(({ clientsecretfile }) => clientsecretfile)).toEqual([
      `${secrets}/providers/company`,
      '/own/secret',
    ]);
    expect(egress.ca).toMatch(/\/providers\/ca\.crt$/);
    expect(http).toMatchObject({ host: 'https://registry.example', secret: 'of-the-secret' });
    expect(mounting(objects, 'providers')).toEqual(['Deployment longshore-auth-service']);
  });

  it('knows a public client without a Secret', async () => {
    const { configuration } = providers;
    const objects = await render(merge(base, { configuration }));
    expect(readBy('auth-service', objects).auth?.oidc?.providers[0]).not.toHaveProperty('clientsecretfile');
  });
});

describe('the command line', () => {
  it('waits without a pod, and has what its commands need: the configuration and the database', async () => {
    const objects = await render(merge(base, { configuration: { auth: { database: {} } } }));
    const deployment = find(objects, 'Deployment', 'longshore-cli')['spec'];
    expect(deployment.replicas).toBe(0);
    const pod = podOf('cli', objects);
    expect(variablesOf(pod.spec.containers[0])).toMatchObject({
      REGISTRY_CONFIGURATION_PATH: '/etc/longshore/config.yml',
      REGISTRY_POSTGRES_HOST: 'postgres.example',
      REGISTRY_POSTGRES_PASSWORD_FILE: `${secrets}/postgres/password`,
    });
    expect(mountsOf(pod)).toEqual(['/etc/longshore', '/tmp', `${secrets}/postgres`]);
  });

  it('has as many pods as it is told, of the image that it is told', async () => {
    const objects = await render({ commandLine: { replicas: 1, image: { tag: 'own' } } });
    expect(find(objects, 'Deployment', 'longshore-cli')['spec'].replicas).toBe(1);
    expect(podOf('cli', objects).spec.containers[0].image).toBe('longshore/cli:own');
  });
});
