import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runConformance } from '../conformance/run-conformance.ts';
import { workspace } from '../runner/workspace.ts';
import { refusedSubject, refusedUser, taken, trespasses } from '../support/bus-client.ts';
import { run } from '../support/command.ts';
import { type Docker, dockerWithNetworks } from '../support/dockerd.ts';
import { serviceNames } from '../support/service-names.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Deployment, tag } from './deployment.ts';
import { buildImages } from './image-layout.ts';

// Allows the sparse manifests of the conformance suite.
const sparse = `services:
  manifest-service:
    environment:
      REGISTRY_VALIDATION_MANIFESTS_BLOBS: none
      REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS: none
`;

const ofStores = ['azure-account-key', 's3-secret-key'];
const secretsOf = {
  'api-gateway': ['nats-password', 'services-secret'],
  'blob-service': [...ofStores, 'nats-password', 'postgres-password', 'services-secret'].toSorted(),
  'manifest-service': ['nats-password', 'postgres-password'],
  'auth-service': ['http-secret', 'nats-password', 'postgres-password', 'services-secret'],
  notifier: ['nats-password', 'postgres-password'],
  'garbage-collector': [...ofStores, 'postgres-password'].toSorted(),
};

describe('docker compose up --wait', async () => {
  const folder = await temporaryFolder('compose');
  const port = await freePort();
  const name = `longshore-test-${process.pid}`;
  let engine: Docker;
  let deployment: Deployment;

  beforeAll(async () => {
    engine = await dockerWithNetworks();
    const overlay = join(folder, 'sparse.yml');
    deployment = new Deployment({ engine, name, port, folder, overlay });
    await buildImages(['--stores', '--tag', tag, '--sbom', join(folder, 'sbom')], engine.environment);
    await run(process.execPath, [join(workspace, 'tools/run.mjs'), 'secrets'], {
      cwd: workspace,
      environment: deployment.environment,
    });
    await writeFile(overlay, sparse);
    await deployment.up();
  }, 900_000);

  afterAll(async () => {
    await deployment.down();
    await engine.stop();
  });

  it('runs every service, blob-service twice', async () => {
    const running = (await deployment.compose('ps', '--format', '{{.Service}}')).split('\n').toSorted();
    expect(running).toEqual([...serviceNames, 'blob-service', 'nats', 'postgres'].toSorted());
  });

  it('takes a docker push and gives it back', async () => {
    const { pushed, pulled } = await deployment.pushAndPull();
    expect(pulled).toBe(pushed);
  });

  it('stores its own images, each with the list of its packages as a referrer', async () => {
    const image = `localhost:${port}/longshore/blob-service`;
    await engine.docker('tag', `longshore/blob-service:${tag}`, `${image}:${tag}`);
    await engine.docker('push', `${image}:${tag}`);
    const kind = 'application/spdx+json';
    const list = `blob-service.spdx.json:${kind}`;
    await run('oras', ['attach', '--plain-http', '--artifact-type', kind, `${image}:${tag}`, list], {
      cwd: join(folder, 'sbom'),
    });
    const found = await run('oras', ['discover', '--plain-http', '--format', 'json', `${image}:${tag}`]);
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
    const image = `longshore/blob-service:${tag}`;
    const printed = await engine.docker('run', ...confined, image, '--print', script);
    const { heap, user, written }: { heap: number; user: number; written: string } = JSON.parse(printed);
    expect(heap / 512).toBeGreaterThan(0.55);
    expect(heap / 512).toBeLessThan(0.75);
    expect({ user, written }).toEqual({ user: 65_532, written: 'EROFS' });
  });

  it.each(serviceNames)('shows %s its own secrets and no other', async (service) => {
    const list = `fs.readdirSync('/run/secrets').toSorted().join()`;
    const found = await deployment.evaluateIn(service, '--print', list);
    expect(found.split(',')).toEqual(secretsOf[service]);
  });

  describe('the bus', () => {
    const passwordFile = '/run/secrets/nats-password';

    it('lets each service in, and refuses who has no credentials or those of another', async () => {
      expect(await deployment.sayToBus('garbage-collector', {})).toMatch(refusedUser);
      const impostor = { credentials: { user: 'auth-service', passwordFile } };
      expect(await deployment.sayToBus('api-gateway', impostor)).toMatch(refusedUser);
      for (const user of serviceNames.filter((service) => service !== 'garbage-collector'))
        expect(await deployment.sayToBus(user, { credentials: { user, passwordFile } })).toBe(taken);
    });

    it.each(trespasses)('refuses it when %s %s', async (user, _does, line) => {
      const call = { credentials: { user, passwordFile }, lines: [line] };
      expect(await deployment.sayToBus(user, call)).toMatch(refusedSubject);
    });
  });

  it.each(serviceNames)('%s ends by itself on SIGTERM', async (service) => {
    const [container = ''] = (await deployment.compose('ps', '--quiet', service)).split('\n');
    await engine.docker('stop', '--time', '60', container);
    expect(await engine.docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('0');
  });

  describe.each([
    ['s3', 'versitygw'],
    ['azure', 'azurite'],
  ])('with COMPOSE_PROFILES=%s', (profile, store) => {
    let onStore: Deployment;

    beforeAll(async () => {
      const settings = { engine, name: `${name}-${profile}`, port: await freePort(), folder };
      onStore = new Deployment({ ...settings, environment: { COMPOSE_PROFILES: profile } });
      await onStore.up();
    }, 300_000);

    afterAll(async () => {
      await onStore.down();
    });

    it(`keeps what is pushed in ${store}, and gives it back`, async () => {
      const { pushed, pulled } = await onStore.pushAndPull();
      expect(pulled).toBe(pushed);
      // Random bytes do not compress to less.
      expect(await onStore.bytesIn(store)).toBeGreaterThan(20_000);
      expect(await onStore.bytesIn('blobs')).toBe(0);
    });

    it('is refused without the variable, which the services need', async () => {
      const unset = new Deployment({ engine, name: `${name}-${profile}`, port, folder });
      const { code, stderr } = await unset.attempt('--profile', profile, 'run', '--rm', '--no-deps', store);
      expect(stderr).toContain(`set COMPOSE_PROFILES=${profile} instead of --profile ${profile}`);
      expect(code).toBe(64);
    });
  });
});
