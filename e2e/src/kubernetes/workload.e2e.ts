import { eventually } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt, run } from '../support/command.ts';
import { tryValues, upgrade } from './support/helm.ts';
import { apply, kubectl, pods } from './support/kubectl.ts';
import { localImage } from './support/local-image.ts';
import { passingNamespace } from './support/namespaces.ts';
import { modest, nodeAddress } from './support/releases.ts';

// As tools/kubernetes-node/up.sh configures the kubelet's plug-in.
const audience = 'https://registry.test';
const port = 30_500;

const release = { name: 'longshore', namespace: await passingNamespace('workload') };
const { namespace } = release;
const mounted = '/run/secrets/api-server';
const kubelet = 'longshore-e2e-workload';

/** A token of auth-service for the API server, whose key set is not public, and the API server's authority. */
const apiServer = {
  extraVolumes: [
    {
      name: 'api-server',
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        ],
      },
    },
  ],
  extraVolumeMounts: [{ name: 'api-server', mountPath: mounted, readOnly: true }],
};

const { issuer }: { issuer: string } = JSON.parse(
  await kubectl(['get', '--raw', '/.well-known/openid-configuration']),
);

const provider = {
  name: 'cluster',
  issuer,
  audience,
  jwks: 'https://kubernetes.default.svc/openid/v1/jwks',
  tokenfile: `${mounted}/token`,
  rules: [
    {
      claims: { '/kubernetes.io/namespace': namespace, '/kubernetes.io/serviceaccount/name': 'puller' },
      principal: '{/kubernetes.io/namespace}:{/kubernetes.io/serviceaccount/name}',
    },
  ],
};

beforeAll(async () => {
  const rbac = 'rbac.authorization.k8s.io';
  await apply(
    namespace,
    ...['puller', 'stranger'].map((name) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name },
    })),
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: kubelet },
      rules: [{ apiGroups: [''], resources: [audience], verbs: ['request-serviceaccounts-token-audience'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: kubelet },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: kubelet },
      subjects: [{ apiGroup: rbac, kind: 'Group', name: 'system:nodes' }],
    },
  );
  const apiGateway = { service: { type: 'NodePort', nodePort: port } };
  // Behind its Service the API server listens at another port, which policies judge.
  const networkPolicy = { providerPorts: [6443] };
  const configuration = {
    egress: { ca: `${mounted}/ca.crt` },
    auth: { token: {}, workloads: [provider] },
  };
  await upgrade(release, {
    values: [tryValues, modest, { apiGateway, authService: apiServer, configuration, networkPolicy }],
  });
  await push(await tokenOf('puller', audience));
}, 400_000);

afterAll(() => kubectl(['delete', 'clusterrole,clusterrolebinding', kubelet, '--ignore-not-found']));

function tokenOf(account: string, of: string): Promise<string> {
  return kubectl(['create', 'token', account, `--namespace=${namespace}`, `--audience=${of}`]);
}

async function push(token: string): Promise<void> {
  const options = ['--quiet', '--dest-tls-verify=false', `--dest-creds=any:${token}`];
  await run('skopeo', ['copy', ...options, localImage('notifier'), await place()], { timeoutMs: 180_000 });
}

async function inspect(token: string): Promise<number> {
  return (await attempt('skopeo', ['inspect', '--tls-verify=false', `--creds=any:${token}`, await place()]))
    .code;
}

const place = async (): Promise<string> => `docker://${await nodeAddress()}:${port}/private/app:1`;

/** Runs the private image. No pod and no service account has an imagePullSecret. */
const startPod = (name: string, serviceAccountName: string): Promise<void> =>
  apply(namespace, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/component': name } },
    spec: {
      serviceAccountName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'app',
          image: `localhost:${port}/private/app:1`,
          imagePullPolicy: 'Always',
          command: ['node', '--eval', 'setInterval(() => {}, 1000)'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });

async function stateOf(name: string): Promise<string> {
  const [pod] = await pods(namespace, name);
  return pod?.status.containerStatuses?.[0]?.state.waiting?.reason ?? pod?.status.phase ?? 'absent';
}

describe('a private image on a kubelet with longshore-credential-provider', () => {
  it(
    'is pulled by the service account that a rule admits, without an imagePullSecret',
    { timeout: 180_000 },
    async () => {
      await startPod('admitted', 'puller');
      await eventually(async () => expect(await stateOf('admitted')).toBe('Running'), 150_000);
    },
  );

  it('is not pulled by another service account', { timeout: 120_000 }, async () => {
    await startPod('stranger', 'stranger');
    await eventually(
      async () => expect(await stateOf('stranger')).toMatch(/^(?:ErrImagePull|ImagePullBackOff)$/),
      90_000,
    );
    const events = await kubectl([
      'get',
      'events',
      `--namespace=${namespace}`,
      '--field-selector=involvedObject.name=stranger',
      '--output=json',
    ]);
    expect(events).toMatch(/401|nauthorized/);
  });

  it('is read with a token for this registry, and with no token for the API server', async () => {
    expect(await inspect(await tokenOf('puller', audience))).toBe(0);
    expect(await inspect(await tokenOf('puller', issuer))).not.toBe(0);
    expect(await inspect(await tokenOf('stranger', audience))).not.toBe(0);
  });
});
