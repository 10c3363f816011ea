import 'reflect-metadata';
import { loadConfiguration } from '@longshore/configuration';
import { migratedDatabase } from '@longshore/metadata/testing';
import { type RunningService, startService } from '@longshore/service-kit';
import { blobOf, freePort, RegistryClient, uniqueBytes } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standaloneDefinition } from './compose-standalone.ts';

const postgres = await migratedDatabase();
const [addr, debug] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
const registry = new RegistryClient(`http://${addr}`);
const metrics = async (): Promise<string> => (await fetch(`http://${debug}/metrics`)).text();
let service: RunningService;

beforeAll(async () => {
  const config = loadConfiguration({
    environment: {
      REGISTRY_STORAGE_INMEMORY: '{}',
      REGISTRY_HTTP_ADDR: addr,
      REGISTRY_HTTP_SECRET: 'secret of a test',
      REGISTRY_HTTP_DEBUG_ADDR: debug,
      REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED: 'true',
      REGISTRY_LOG_LEVEL: 'error',
    },
  });
  service = await startService(standaloneDefinition(postgres.url), config);
});
afterAll(async () => {
  await service.close();
  await postgres.drop();
});

describe('GET /metrics of the standalone registry', () => {
  it('times the actions of the storage driver and counts how they ended', async () => {
    const blob = blobOf(uniqueBytes(1000));
    await registry.pushBlob('team/app', blob);
    expect((await registry.get(`/v2/team/app/blobs/${blob.digest}`)).status).toBe(200);
    const text = await metrics();
    for (const action of ['append', 'commit', 'read']) {
      const labels = `driver="inmemory",action="${action}"`;
      expect(text).toContain(`registry_storage_action_seconds_count{service="standalone",${labels}} 1`);
      expect(text).toContain(`registry_storage_actions_total{${labels},outcome="ok",service="standalone"} 1`);
    }
  });
});
