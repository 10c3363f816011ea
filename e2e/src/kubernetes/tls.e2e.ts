import { readFile } from 'node:fs/promises';
import { eventually, RegistryClient, selfSigned, tinyImage } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { attempt } from '../support/command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { answering } from './support/until-answered.ts';
import { helm, tryValues, upgrade } from './support/helm.ts';
import { apply, kubectl, type Pod, pods } from './support/kubectl.ts';
import { passingNamespace } from './support/namespaces.ts';
import { modest, nodeAddress, nodePort, sparse } from './support/releases.ts';
import { settings } from './support/settings.ts';

const release = { name: 'longshore', namespace: await passingNamespace('tls') };
const { namespace } = release;
const folder = await temporaryFolder('tls');
const names = {
  'api-gateway': `longshore-api-gateway.${namespace}.svc`,
  'blob-service': `longshore-blob-service-replicas.${namespace}.svc`,
} as const;
type Door = keyof typeof names;
const doors: readonly Door[] = ['api-gateway', 'blob-service'];

/** Puts a new certificate into the Secret of a service, as cert-manager does. @returns the file of its authority, the certificate itself */
async function certify(door: Door, generation: string): Promise<string> {
  const { certificate, key } = selfSigned(folder, `${door}-${generation}`, `DNS:${names[door]}`);
  const pem = await readFile(certificate, 'utf8');
  await apply(namespace, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${door}-tls` },
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': pem, 'tls.key': await readFile(key, 'utf8'), 'ca.crt': pem },
  });
  return certificate;
}

const first = {
  'api-gateway': await certify('api-gateway', 'first'),
  'blob-service': await certify('blob-service', 'first'),
};
const [routeNamespace, route] = settings.gateway.split('/');
await upgrade(release, {
  values: [
    tryValues,
    modest,
    sparse,
    {
      apiGateway: { tls: { existingSecret: 'api-gateway-tls' } },
      blobService: { tls: { existingSecret: 'blob-service-tls' } },
      httpRoute: { enabled: true, parentRefs: [{ namespace: routeNamespace, name: route }] },
    },
  ],
});
const routed = `http://${await nodeAddress()}:${settings.ingressPort}`;
await answering(routed, 200);
const port = await nodePort(release);
const address = await nodeAddress();

/** Returns the answer of the gateway's own port. Empty if its certificate is not of the authority. */
async function throughTls(authority: string, path: string): Promise<string> {
  const place = `${names['api-gateway']}:${port}`;
  const { stdout } = await attempt('curl', [
    '--silent',
    '--cacert',
    authority,
    '--resolve',
    `${place}:${address}`,
    '--output',
    '/dev/null',
    '--write-out',
    '%{http_code}',
    `https://${place}${path}`,
  ]);
  return stdout;
}

const image = tinyImage({ content: 'through TLS' });
const [layer] = image.blobs;
const blob = `/v2/through/tls/blobs/${layer?.digest}`;
const client = new RegistryClient(routed);

describe('a release with TLS at its pods', () => {
  it('passes its own helm test, which verifies the gateway', async () => {
    expect(await helm('test', release, '--timeout=120s')).toMatch(/Phase:\s+Succeeded/);
  });

  it('is reached through the HTTPRoute, whose Gateway verifies the pods', async () => {
    await client.pushImage('through/tls', image, '1');
    expect((await client.get('/v2/through/tls/manifests/1')).status).toBe(200);
    expect((await client.get(blob)).status).toBe(200);
  });

  it("serves blobs at the gateway's own port, by TLS on both ways", async () => {
    expect(await throughTls(first['api-gateway'], blob)).toBe('200');
    expect(await throughTls(first['blob-service'], blob)).toBe('000');
  });

  it('tells a client without TLS what is wrong', async () => {
    const answer = await new RegistryClient(`http://${address}:${port}`).get('/v2/');
    expect([answer.status, answer.codes]).toEqual([400, ['UNSUPPORTED']]);
  });
});

async function podsOfDoors(): Promise<readonly Pod[]> {
  return (await Promise.all(doors.map((door) => pods(namespace, door)))).flat();
}

describe('certificates that are renewed', () => {
  let second = '';
  let before: readonly string[] = [];

  beforeAll(async () => {
    const there = await podsOfDoors();
    before = there.map(({ metadata }) => metadata.uid).toSorted();
    await certify('blob-service', 'second');
    second = await certify('api-gateway', 'second');
    // The kubelet updates the volumes of a pod that changes at once, otherwise about once a minute.
    for (const { metadata } of there)
      await kubectl(['annotate', 'pod', metadata.name, `--namespace=${namespace}`, 'renewed=yes']);
  }, 60_000);

  it('are taken up at the gateway and towards blob-service', { timeout: 180_000 }, async () => {
    await eventually(async () => expect(await throughTls(second, blob)).toBe('200'), 150_000);
    expect(await throughTls(first['api-gateway'], blob)).toBe('000');
    await eventually(async () => expect((await client.get(blob)).status).toBe(200), 60_000);
  });

  it('and nothing was restarted for it', async () => {
    const there = await podsOfDoors();
    expect(there.map(({ metadata }) => metadata.uid).toSorted()).toEqual(before);
    const counts = there.flatMap(({ status }) => status.containerStatuses ?? []);
    expect(Math.max(...counts.map(({ restartCount }) => restartCount))).toBe(0);
  });
});
