import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RegistryClient, tinyImage } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteNamespaces, testLabel } from '../runner/kubernetes/cluster.ts';
import { accounts } from '../runner/configurations.ts';
import { workspace } from '../runner/workspace.ts';
import { attempt } from '../support/command.ts';
import { alice, basic } from '../support/credentials.ts';
import { blocksOf } from '../support/runbook.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Release } from './support/helm.ts';
import { isReady, kubectl, pods } from './support/kubectl.ts';
import { modest, replicasOfEach, serviceOrigin } from './support/releases.ts';
import { settings } from './support/settings.ts';

const folder = await temporaryFolder('runbooks');
const release: Release = { name: 'longshore', namespace: 'longshore-e2e-runbooks' };
const image = tinyImage({ content: 'by the book' });
/** Values with everything that a first try has, and two replicas of each service. JSON is YAML. */
const values = {
  ...modest,
  ...replicasOfEach(2),
  apiGateway: { replicas: 2, service: { type: 'NodePort' } },
  image: { registry: settings.imageRegistry, tag: settings.imageTag },
  postgres: { bundled: { enabled: true, persistence: { size: '1Gi', keep: false } } },
  nats: { bundled: { enabled: true } },
  storage: {
    driver: 'filesystem',
    persistence: { accessModes: ['ReadWriteMany'], size: '5Gi', keep: false },
  },
  migrations: { mode: 'initContainer' },
};
/** Variables that the pages leave to their reader. */
const environment = {
  RELEASE: release.name,
  NAMESPACE: release.namespace,
  CHART: join(workspace, 'charts/longshore'),
  VALUES: join(folder, 'values.yaml'),
  ACCOUNTS: join(folder, 'accounts'),
  REPLICAS: '3',
};

async function client(): Promise<RegistryClient> {
  return new RegistryClient(await serviceOrigin(release), { headers: { authorization: basic(alice) } });
}

beforeAll(async () => {
  await writeFile(environment.ACCOUNTS, accounts);
  await writeFile(environment.VALUES, JSON.stringify(values));
});

afterAll(() => deleteNamespaces([release.namespace]), 600_000);

/** Runs the page's commands in order, then the page's own checks. */
function describeRunbook(page: string, shows: () => void = () => undefined): void {
  describe(`docs/runbooks/${page}`, async () => {
    const blocks = await blocksOf(page);

    it('has commands', () => {
      expect(blocks.length).toBeGreaterThan(2);
    });

    it.each(blocks)('%s', { timeout: 400_000 }, async (block) => {
      const { code, stderr } = await attempt('bash', ['-euo', 'pipefail', '-c', block], {
        cwd: folder,
        environment,
        timeoutMs: 390_000,
      });
      expect(code, stderr).toBe(0);
      if (block.includes('create namespace'))
        await kubectl(['label', 'namespace', release.namespace, testLabel]);
    });

    shows();

    it('leaves a registry that has what was pushed to it', async () => {
      const registry = await client();
      expect((await registry.get('/v2/team/app/manifests/1')).body.equals(image.bytes)).toBe(true);
    });
  });
}

describeRunbook('install.md', () => {
  it('leaves a registry that takes pushes, and not from strangers', async () => {
    const registry = await client();
    expect((await new RegistryClient(registry.origin).get('/v2/')).status).toBe(401);
    await expect(registry.pushImage('team/app', image, '1')).resolves.toBeUndefined();
  });
});
describeRunbook('upgrade.md');
describeRunbook('scale.md', () => {
  it('leaves as many replicas as the autoscaler wants at least', async () => {
    expect((await pods(release.namespace, 'blob-service')).filter(isReady).length).toBeGreaterThanOrEqual(2);
  });
});
describeRunbook('rollback.md');
