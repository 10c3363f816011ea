import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@longshore/testing/stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runConformance } from '../conformance/run-conformance.ts';
import { workspace } from '../runner/workspace.ts';
import { run, temporaryFolder } from '../support/command.ts';
import { type Docker, dockerWithNetworks } from '../support/dockerd.ts';
import { writeRootfs } from '../support/rootfs.ts';
import { serviceNames } from '../support/service-names.ts';
import { buildImages } from './image-layout.ts';

// What the conformance suite's sparse manifests need.
const sparse = `services:
  manifest-service:
    environment:
      REGISTRY_VALIDATION_MANIFESTS_BLOBS: none
      REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS: none
`;

describe('docker compose up --wait', async () => {
  const folder = await temporaryFolder('compose');
  const port = await freePort();
  // Names, a port and tags of its own: a deployment on the same engine is not touched.
  const environment = {
    COMPOSE_PROJECT_NAME: `longshore-test-${process.pid}`,
    LONGSHORE_TAG: 'test',
    LONGSHORE_POSTGRES_IMAGE: 'longshore/postgres:test',
    LONGSHORE_NATS_IMAGE: 'longshore/nats:test',
    LONGSHORE_ADDRESS: `127.0.0.1:${port}`,
    LONGSHORE_SECRETS: join(folder, 'secrets'),
  };
  let engine: Docker;

  beforeAll(async () => {
    engine = await dockerWithNetworks();
    await buildImages(['--tag', 'test', '--sbom', join(folder, 'sbom')], engine.environment);
    await run(process.execPath, [join(workspace, 'tools/run.mjs'), 'secrets'], {
      cwd: workspace,
      environment,
    });
    await writeFile(join(folder, 'sparse.yml'), sparse);
    await compose('up', '--wait', '--wait-timeout', '240');
  }, 900_000);

  afterAll(async () => {
    await compose('down', '--volumes', '--timeout', '30');
    await engine.stop();
  });

  it('runs every service, blob-service twice', async () => {
    const running = (await compose('ps', '--format', '{{.Service}}')).split('\n').toSorted();
    expect(running).toEqual([...serviceNames, 'blob-service', 'nats', 'postgres'].toSorted());
  });

  it('takes a docker push and gives it back', async () => {
    const name = `localhost:${port}/team/app:1`;
    const id = await engine.docker('import', await writeRootfs(folder), name);
    await engine.docker('push', name);
    await engine.docker('rmi', '-f', id);
    await engine.docker('pull', name);
    expect(await engine.docker('inspect', '--format', '{{.Id}}', name)).toBe(id);
  });

  it('stores its own images, each with the list of its packages as a referrer', async () => {
    const image = `localhost:${port}/longshore/blob-service`;
    await engine.docker('tag', 'longshore/blob-service:test', `${image}:test`);
    await engine.docker('push', `${image}:test`);
    const kind = 'application/spdx+json';
    const list = `blob-service.spdx.json:${kind}`;
    await run('oras', ['attach', '--plain-http', '--artifact-type', kind, `${image}:test`, list], {
      cwd: join(folder, 'sbom'),
    });
    const found = await run('oras', ['discover', '--plain-http', '--format', 'json', `${image}:test`]);
    const { referrers }: { referrers: readonly { artifactType: string }[] } = JSON.parse(found);
    expect(referrers.map(({ artifactType }) => artifactType)).toEqual([kind]);
  });

  it('passes the conformance suite', async () => {
    const cases = await runConformance(`http://localhost:${port}`, 'dev');
    expect(cases.length).toBeGreaterThan(700);
    expect(cases.filter(({ status }) => status !== 'passed')).toEqual([]);
  });

  it('gives a process three fifths of the memory of its container as heap, and no right to write', async () => {
    const script = `const { heap_size_limit } = v8.getHeapStatistics();
      let written = 'written'; try { fs.writeFileSync('/opt/file', '') } catch (error) { written = error.code }
      JSON.stringify({ heap: heap_size_limit / 2 ** 20, user: process.getuid(), written })`;
    const confined = ['--rm', '--read-only', '--network=none', '--memory=512m'];
    const printed = await engine.docker('run', ...confined, 'longshore/blob-service:test', '--print', script);
    const { heap, user, written }: { heap: number; user: number; written: string } = JSON.parse(printed);
    expect(heap / 512).toBeGreaterThan(0.55);
    expect(heap / 512).toBeLessThan(0.75);
    expect({ user, written }).toEqual({ user: 65_532, written: 'EROFS' });
  });

  it.each(serviceNames)('%s ends by itself on SIGTERM', async (service) => {
    const [container = ''] = (await compose('ps', '--quiet', service)).split('\n');
    await engine.docker('stop', '--time', '60', container);
    expect(await engine.docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('0');
  });

  function compose(...command: readonly string[]): Promise<string> {
    const files = [join(workspace, 'docker-compose.yml'), join(folder, 'sparse.yml')];
    return run('docker', ['compose', ...files.flatMap((file) => ['--file', file]), ...command], {
      environment: { ...environment, ...engine.environment },
      timeoutMs: 300_000,
    });
  }
});
