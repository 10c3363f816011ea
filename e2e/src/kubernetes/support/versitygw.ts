import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { workspace } from '../../runner/workspace.ts';
import { run } from '../../support/command.ts';
import type { Values } from './helm.ts';
import { apply, kubectl } from './kubectl.ts';
import { podSecurity } from './probe-pods.ts';

const image = 'longshore-test/versitygw:1';
const bucket = 'registry';

/** Loads an image of this machine's program into the cluster. A cluster that is not loaded must already have it. */
async function loadImage(): Promise<void> {
  const load = process.env['E2E_LOAD_IMAGES'] ?? '';
  if (load === '') return;
  const program = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'versitygw'))
    .find((path) => existsSync(path));
  if (program === undefined) throw new Error('there is no versitygw on the PATH');
  const make = join(workspace, 'tools/kubernetes-node/mkimage.sh');
  await run('bash', ['-c', `set -o pipefail; ${make} ${image} ${program} 65532 | ${load}`], {
    timeoutMs: 180_000,
  });
}

/** Starts an S3 server as a pod of the namespace, with its objects on a volume: versitygw on a folder, in which each folder is a bucket. */
export async function startVersitygw(namespace: string): Promise<void> {
  await loadImage();
  const labels = { app: 'versitygw' };
  await apply(
    namespace,
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'store' },
      stringData: { accesskey: 'key-of-tests', secretkey: 'a-secret-of-tests' },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'store' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'store' },
      spec: { selector: labels, ports: [{ port: 7070 }] },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'store' }, spec: deployment(labels) },
  );
  await kubectl(['rollout', 'status', 'deployment/store', `--namespace=${namespace}`, '--timeout=90s'], {
    timeoutMs: 100_000,
  });
}

function deployment(labels: Readonly<Record<string, string>>): object {
  return {
    selector: { matchLabels: labels },
    strategy: { type: 'Recreate' },
    template: {
      metadata: { labels },
      spec: {
        ...podSecurity.pod,
        containers: [
          {
            name: 'versitygw',
            image,
            args: ['--port', ':7070', '--region', 'us-east-1', '--health', '/healthz', 'posix', '/data'],
            env: [fromSecret('ROOT_ACCESS_KEY', 'accesskey'), fromSecret('ROOT_SECRET_KEY', 'secretkey')],
            readinessProbe: { httpGet: { path: '/healthz', port: 7070 }, periodSeconds: 1 },
            resources: { requests: { cpu: '20m', memory: '64Mi' } },
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
              // Each folder is a bucket.
              { name: 'data', mountPath: `/data/${bucket}`, subPath: bucket },
            ],
            ...podSecurity.container,
          },
        ],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'store' } }],
      },
    },
  };
}

function fromSecret(name: string, key: string): object {
  return { name, valueFrom: { secretKeyRef: { name: 'store', key } } };
}

/** Values of a release of the same namespace that uses it. */
export const onVersitygw: Values = {
  storage: {
    driver: 's3',
    existingSecret: 'store',
    s3: { regionendpoint: 'http://store:7070', region: 'us-east-1', bucket },
  },
  // The tests' clients cannot reach the store, whose name is only known in the cluster.
  configuration: { storage: { redirect: { disable: true } } },
};
