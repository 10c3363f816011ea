import { RegistryClient, tinyImage, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeConformance } from '../conformance/describe-conformance.ts';
import { runConformance } from '../conformance/run-conformance.ts';
import { run } from '../support/command.ts';
import { attemptInstall, helm, type Release, tryValues } from './support/helm.ts';
import { apply, kubectl, type Pod, pods } from './support/kubectl.ts';
import { answering } from './support/until-answered.ts';
import { localImage } from './support/local-image.ts';
import {
  clientOf,
  describeRelease,
  modest,
  nodeAddress,
  nodePort,
  serviceOrigin,
  sparse,
  tryRelease,
} from './support/releases.ts';
import { podSecurity } from './support/probe-pods.ts';
import { settings } from './support/settings.ts';

const begun = performance.now();
const release = await describeRelease('try');
const installed = await attemptInstall(release, { values: [tryValues, modest, sparse], timeoutSeconds: 120 });
const image = tinyImage({ content: 'the first push' });
const pushed = installed.code === 0 ? await firstPush(release) : 'not tried';
const seconds = (performance.now() - begun) / 1000;

async function firstPush(of: Release): Promise<string> {
  const client = await clientOf(of);
  return client.pushImage('first/push', image, 'latest').then(
    () => 'acknowledged',
    (error: unknown) => String(error),
  );
}

describe('helm install --wait with ci/try-values.yaml, where PodSecurity is restricted', () => {
  it('leads to a working push within two minutes', () => {
    expect(installed.code, installed.stderr).toBe(0);
    expect(pushed).toBe('acknowledged');
    console.log(`measured: from nothing to a push: ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(120);
  });

  it('warns of nothing that the policy would refuse', () => {
    expect(installed.stderr).not.toMatch(/PodSecurity/);
  });

  it('passes its own helm test', async () => {
    expect(await helm('test', release, '--timeout=120s')).toMatch(/Phase:\s+Succeeded/);
  });

  it('has every pod ready, and none that was started twice', async () => {
    const all = (await pods(release.namespace)).filter(({ status }) => status.phase !== 'Succeeded');
    expect(all).toHaveLength(8);
    const restarts = all
      .flatMap(({ status }) => status.containerStatuses ?? [])
      .map(({ restartCount }) => restartCount);
    expect(Math.max(...restarts)).toBe(0);
  });
});

describe("a pull by the cluster's own runtime", () => {
  beforeAll(async () => {
    const place = new URL(await serviceOrigin(release)).host;
    await run('skopeo', [
      'copy',
      '--quiet',
      '--dest-tls-verify=false',
      localImage('cli'),
      `docker://${place}/pulled/cli:1`,
    ]);
  }, 120_000);

  it('brings up a pod from what was pushed', { timeout: 120_000 }, async () => {
    const client = await clientOf(release);
    const manifest = await client.head('/v2/pulled/cli/manifests/1');
    const reference = `${settings.pullAddress}:${await nodePort(release)}/pulled/cli:1`;
    await apply(release.namespace, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pulled' },
      spec: {
        restartPolicy: 'Never',
        ...podSecurity.pod,
        containers: [
          {
            name: 'pulled',
            image: reference,
            imagePullPolicy: 'Always',
            command: ['/usr/local/bin/node', '--eval', 'console.log("pulled and run")'],
            ...podSecurity.container,
          },
        ],
      },
    });
    await kubectl(
      [
        'wait',
        '--for=jsonpath={.status.phase}=Succeeded',
        'pod/pulled',
        `--namespace=${release.namespace}`,
        '--timeout=100s',
      ],
      { timeoutMs: 110_000 },
    );
    expect(await kubectl(['logs', 'pulled', `--namespace=${release.namespace}`])).toBe('pulled and run');
    const pod: Pod = JSON.parse(
      await kubectl(['get', 'pod', 'pulled', `--namespace=${release.namespace}`, '--output=json']),
    );
    expect(pod.status.containerStatuses?.[0]?.imageID).toContain(manifest.headers['docker-content-digest']);
    await kubectl(['delete', 'pod', 'pulled', `--namespace=${release.namespace}`, '--wait=false']);
  });
});

describeConformance('through the Service', await runConformance(await serviceOrigin(release), 'dev'));

const ingressOrigin = `http://${await nodeAddress()}:${settings.ingressPort}`;

await tryRelease({ ingress: { enabled: true, className: settings.ingressClass } });
await answering(ingressOrigin, 200);
describeConformance('through the Ingress', await runConformance(ingressOrigin, 'dev'));

const [namespace, name] = settings.gateway.split('/');
await tryRelease({ httpRoute: { enabled: true, parentRefs: [{ namespace, name }] } });
// The Ingress and its route are gone, so any answer now comes by the HTTPRoute.
await answering(ingressOrigin, 200);
describeConformance('through the HTTPRoute', await runConformance(ingressOrigin, 'dev'));

describe('the HTTPRoute', () => {
  it('leads the paths of blobs straight to blob-service', async () => {
    const client = new RegistryClient(ingressOrigin);
    const repository = uniqueRepository('direct');
    await client.pushImage(repository, tinyImage({ content: repository }), '1');
    const log = [
      'logs',
      '--selector=app.kubernetes.io/component=api-gateway',
      '--tail=-1',
      `--namespace=${release.namespace}`,
    ];
    expect(await kubectl(log)).not.toContain(`${repository}/blobs/`);
  });
});
