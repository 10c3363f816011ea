import { describe, expect, it } from 'vitest';
import { merge, outside, template, type Values } from './render-chart.ts';

const bundledPostgres = { host: '', existingSecret: 'p', bundled: { enabled: true } };
const oidc = { providers: [{ name: 'a', issuer: 'https://a', clientid: 'b' }] };
const filesystem = { driver: 'filesystem', s3: null };

/** Values over `outside` that cannot work. The error names the value and the reason. */
const impossible: readonly (readonly [what: string, values: Values, reason: string])[] = [
  ['no driver', { storage: { driver: '' } }, 'storage.driver: choose where the bytes are kept'],
  ['no database', { postgres: { host: '' } }, 'postgres.host: name your database'],
  [
    'two databases',
    { postgres: { bundled: { enabled: true } } },
    'postgres.bundled.enabled: there is a postgres.host',
  ],
  [
    'no password of the database',
    { postgres: { existingSecret: '' } },
    'postgres.existingSecret: name the Secret',
  ],
  ['no bus', { nats: { servers: [] } }, 'nats.servers: name your NATS servers'],
  [
    'one user of the bundled bus for all services',
    { nats: { servers: [], existingSecret: 'a', passwordKey: 'password', bundled: { enabled: true } } },
    'the bundled NATS has a user for each service',
  ],
  [
    'two ways into the bus',
    { nats: { existingSecret: 'a', passwordKey: 'password', credsKey: 'creds' } },
    'nats.passwordKey, nats.credsKey: a password or a credentials file',
  ],
  ['two buses', { nats: { bundled: { enabled: true } } }, 'nats.bundled.enabled: there are nats.servers'],
  [
    'a hook before the bundled database',
    { postgres: bundledPostgres },
    'migrations.mode: a hook runs before the bundled Postgres exists',
  ],
  [
    'two ways in',
    { ingress: { enabled: true }, httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } },
    'ingress.enabled and httpRoute.enabled: the registry has one way in',
  ],
  ['a route of no Gateway', { httpRoute: { enabled: true } }, 'httpRoute.parentRefs: name the Gateway'],
  [
    'two replicas on a volume of one node',
    { storage: filesystem, blobService: { replicas: 2 } },
    'blobService.replicas, blobService.autoscaling: more than one replica',
  ],
  [
    'replicas by load on a volume of one node',
    { storage: filesystem, blobService: { replicas: 1, autoscaling: { enabled: true } } },
    'blobService.replicas, blobService.autoscaling: more than one replica',
  ],
  [
    'a monitor of nothing',
    { metrics: { enabled: false, serviceMonitor: { enabled: true } } },
    'metrics.enabled: metrics.service, metrics.serviceMonitor and metrics.podMonitor read what is not served',
  ],
  [
    'certificates of clients without TLS',
    { apiGateway: { tls: { clients: { existingSecret: 'authorities' } } } },
    'apiGateway.tls.clients.existingSecret: certificates of clients need TLS at the port',
  ],
  [
    'a certificate of the gateway for a blob-service without TLS',
    { gatewayCertificate: { existingSecret: 'gateway' } },
    'gatewayCertificate.existingSecret: the gateway shows its certificate by TLS',
  ],
  [
    'a blob-service that refuses the gateway',
    {
      blobService: {
        tls: {
          existingSecret: 'blobs',
          clients: { existingSecret: 'authorities', auth: 'require-and-verify-client-cert' },
        },
      },
    },
    'blobService.tls.clients.auth: blob-service would refuse the gateway',
  ],
  [
    'a Secret for a directory that nobody asks',
    { auth: { ldap: { existingSecret: 'directory' } } },
    'auth.ldap.existingSecret: nobody asks a directory',
  ],
  [
    'an account that searches the directory without a password',
    {
      configuration: {
        auth: { ldap: { urls: ['ldaps://a'], search: { base: 'dc=a', binddn: 'cn=reader' } } },
      },
    },
    'configuration.auth.ldap.search.binddn: name the Secret with its password',
  ],
  [
    'client secrets of no provider',
    { auth: { providers: { existingSecret: 'providers' } } },
    'auth.providers.existingSecret: nothing of it is read',
  ],
  [
    'a login without tokens',
    { configuration: { auth: { oidc } }, externalUrl: 'https://registry.example' },
    'configuration.auth.oidc: people who log in get tokens of the registry',
  ],
  [
    'a login that cannot lead back',
    { configuration: { auth: { oidc, token: {} } }, auth: { seal: { existingSecret: 'seal' } } },
    'configuration.auth.oidc: identity providers lead people back to one address; set externalUrl',
  ],
  [
    'two monitors of the same series',
    { metrics: { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } } },
    'metrics.serviceMonitor.enabled and metrics.podMonitor.enabled: every series would be read twice',
  ],
  [
    'a driver of one’s own without a name',
    { storage: { driver: 'custom', existingSecret: '', s3: null } },
    'storage.custom: name one package and its parameters',
  ],
  [
    'variables for a driver of one’s own',
    { storage: { driver: 'custom', s3: null, custom: { '@acme/shelf': {} } } },
    'storage.existingSecret: parameters of a driver of your own have no variables',
  ],
  [
    'a password that each render would make anew',
    { postgres: { ...bundledPostgres, existingSecret: '' }, migrations: { mode: 'job' } },
    'the Secret longshore-postgres would be made anew at each render',
  ],
  [
    'a seal that each render would make anew',
    { auth: { htpasswd: { existingSecret: 'a' } }, configuration: { auth: { token: {} } } },
    'the Secret longshore-seal would be made anew at each render',
  ],
  [
    'a password of the bundled bus that each render would make anew',
    { nats: { servers: [], bundled: { enabled: true } } },
    'the Secret longshore-nats would be made anew at each render',
  ],
  [
    'a secret of the services that each render would make anew',
    { servicesSecret: { existingSecret: '' } },
    'the Secret longshore-services would be made anew at each render',
  ],
  [
    'accounts of our own tokens without accounts',
    { configuration: { auth: { token: {} } }, auth: { seal: { existingSecret: 'a' } } },
    'configuration.auth.token: our own tokens are for accounts',
  ],
  [
    'an external token server without a key',
    { auth: { externalTokens: { existingSecret: 'a' } } },
    'auth.externalTokens: name the key',
  ],
  [
    'a process that is ended before its requests are',
    { blobService: { terminationGracePeriodSeconds: 15 } },
    'blobService.terminationGracePeriodSeconds: leaves no time',
  ],
];

describe('the chart', () => {
  it.each(impossible)('refuses %s, with the reason', async (_what, values, reason) => {
    expect(await template(merge(outside, values))).toMatchObject({
      refusal: expect.stringContaining(reason),
    });
  });

  it('explains how to create the Secret that it does not create', async () => {
    const values = { auth: { htpasswd: { existingSecret: 'a' } }, configuration: { auth: { token: {} } } };
    const command =
      'kubectl create secret generic longshore-seal --namespace registry --from-literal=secret="$(openssl rand -hex 32)"';
    expect(await template(merge(outside, values))).toMatchObject({
      refusal: expect.stringContaining(command),
    });
  });

  it.each<[kind: string, auth: Values]>([
    ['the database', { database: {} }],
    ['a directory', { ldap: { urls: ['ldaps://a'], userdn: 'uid={name}' } }],
    ['OpenID Connect', { oidc }],
  ])('accepts our own tokens for accounts of %s', async (_kind, auth) => {
    const values = {
      externalUrl: 'https://registry.example',
      auth: { seal: { existingSecret: 'seal' } },
      configuration: { auth: { token: {}, ...auth } },
    };
    expect(await template(merge(outside, values))).toHaveProperty('manifest');
  });

  it('accepts several replicas on a volume that all of them write to', async () => {
    const persistence = { accessModes: ['ReadWriteMany'] };
    const values = { storage: { ...filesystem, persistence }, blobService: { replicas: 3 } };
    expect(await template(merge(outside, values))).toHaveProperty('manifest');
  });
});

it('says which version of Kubernetes it was rendered for, and how to name another, where that one is too old', async () => {
  expect(await template(outside, ['--kube-version', '1.20.0'])).toMatchObject({
    refusal: expect.stringMatching(/Kubernetes v1\.20\.0: this chart needs 1\.30 or later.*--kube-version/s),
  });
  expect(await template(outside, ['--kube-version', '1.30.0'])).toHaveProperty('manifest');
});
