import { join } from 'node:path';
import { tinyImage } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { workspace } from '../runner/workspace.ts';
import { run } from '../support/command.ts';
import { helmIn } from '../support/helm-in.ts';
import { chartImages } from '../support/service-names.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attemptInstall, type Release, tryValues } from './support/helm.ts';
import { pods } from './support/kubectl.ts';
import { passingNamespace } from './support/namespaces.ts';
import { localImage } from './support/local-image.ts';
import { clientOf, modest, nodePort, serviceOrigin, tryRelease } from './support/releases.ts';
import { settings } from './support/settings.ts';

const version = '0.0.1-own';
const second: Release = { name: 'longshore-second', namespace: await passingNamespace('own-registry') };
const folder = await temporaryFolder('own-registry');
const first = await tryRelease();
const host = new URL(await serviceOrigin(first)).host;

beforeAll(async () => {
  for (const image of chartImages)
    // The images share layers: the first push uploads the blobs that the others mount.
    await run(
      'skopeo',
      [
        'copy',
        '--quiet',
        '--dest-tls-verify=false',
        localImage(image),
        `docker://${host}/longshore/${image}:1`,
      ],
      { timeoutMs: 180_000 },
    );
  await helmIn(folder, 'package', join(workspace, 'charts/longshore'), '--version', version);
  await helmIn(folder, 'push', '--plain-http', `longshore-${version}.tgz`, `oci://${host}/charts`);
}, 400_000);

describe('a cluster that has nothing but a Longshore', () => {
  it('installs another one from its chart and images', { timeout: 300_000 }, async () => {
    const installed = await attemptInstall(second, {
      chart: `oci://${host}/charts/longshore`,
      options: ['--plain-http', `--version=${version}`],
      values: [tryValues, modest],
      image: { registry: `${settings.pullAddress}:${await nodePort(first)}`, tag: '1', pullPolicy: 'Always' },
    });
    expect(installed.code, installed.stderr).toBe(0);
  });

  it('runs what was pushed, by its digest', async () => {
    const registry = await clientOf(first);
    const running = (await pods(second.namespace)).filter(({ status }) => status.phase === 'Running');
    expect(running).toHaveLength(8);
    for (const { status } of running)
      for (const { imageID } of status.containerStatuses ?? []) {
        const [, name, digest] = /\/(longshore\/[\w-]+)@(.*)$/.exec(imageID) ?? [];
        const manifest = await registry.head(`/v2/${name}/manifests/1`);
        expect(digest, imageID).toBe(manifest.headers['docker-content-digest']);
      }
  });

  it('takes pushes there', async () => {
    const client = await clientOf(second);
    await expect(
      client.pushImage('second/app', tinyImage({ content: 'second' }), '1'),
    ).resolves.toBeUndefined();
  });
});
