import { loadConfiguration } from '@longshore/configuration';
import { putManifest } from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { parseDigest, parseRepositoryName } from '@longshore/oci';
import { ServiceLog } from '@longshore/service-kit';
import { createLogger, Metrics } from '@longshore/telemetry';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ManifestSettings } from '../manifest-settings.ts';
import { ManifestEvents } from './manifest-events.ts';
import { PullRecords } from './pull-records.ts';
import { PullsService } from './pulls.service.ts';

const postgres = await migratedDatabase();
const { database } = postgres;
const { db } = database;
afterAll(() => postgres.drop());

const settingsOf = (environment: Record<string, string> = {}) =>
  new ManifestSettings(
    loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}', ...environment } }),
  );
const log = new ServiceLog(createLogger({ level: 'silent' }));
const repository = parseRepositoryName('team/app');
const digestAt = (n: number) => parseDigest(`sha256:${String(n).padStart(64, '0')}`);

async function push(n: number): Promise<void> {
  await putManifest(db, {
    repository,
    digest: digestAt(n),
    mediaType: 'application/json',
    annotations: {},
    payload: Buffer.from('{}'),
    blobs: [],
    children: [],
    tags: [],
    grace: 60,
  });
}

const recorded = async () =>
  (
    await db
      .selectFrom('manifest_pulls')
      .innerJoin('manifests', 'manifests.id', 'manifest_pulls.manifest_id')
      .select('digest')
      .orderBy('digest')
      .execute()
  ).length;

beforeEach(async () => {
  await db.deleteFrom('manifests').execute();
});

function pulling(settings = settingsOf()) {
  const records = new PullRecords(database, settings, log, new Metrics({ service: 'test' }));
  const service = new PullsService(database, settings, new ManifestEvents(database, settings), records);
  const pull = (n: number, payload: boolean) =>
    service.get({ repository: 'team/app', reference: digestAt(n), payload });
  return { records, pull };
}

describe('PullRecords', () => {
  it('writes GET and HEAD together, and nothing before', async () => {
    await Promise.all([push(1), push(2), push(3)]);
    const { records, pull } = pulling();
    await pull(1, true);
    await pull(2, false);
    expect(await recorded()).toBe(0);
    await records.write();
    expect(await recorded()).toBe(2);
  });

  it('writes waiting pulls when the process ends', async () => {
    await push(1);
    const { records, pull } = pulling();
    records.onApplicationBootstrap();
    await pull(1, true);
    await records.onApplicationShutdown();
    expect(await recorded()).toBe(1);
  });

  it('sends a manifest once within the resolution', async () => {
    await push(1);
    const { records, pull } = pulling();
    await pull(1, true);
    await records.write();
    await db.deleteFrom('manifest_pulls').execute();
    await pull(1, true);
    await records.write();
    expect(await recorded()).toBe(0);
    const { records: soon, pull: pullSoon } = pulling(
      settingsOf({ REGISTRY_GC_UNTAGGED_ENABLED: 'true', REGISTRY_GC_UNTAGGED_AGE: '1ms' }),
    );
    await pullSoon(1, true);
    await soon.write();
    await db.deleteFrom('manifest_pulls').execute();
    await soon.write();
    await pullSoon(1, true);
    await soon.write();
    expect(await recorded()).toBe(1);
  });

  it('keeps the pulls of a failed write', async () => {
    await push(1);
    const { records, pull } = pulling();
    await pull(1, true);
    await db.schema.alterTable('manifest_pulls').renameTo('pulls_away').execute();
    await expect(records.write()).rejects.toThrow('manifest_pulls');
    await db.schema.alterTable('pulls_away').renameTo('manifest_pulls').execute();
    await records.write();
    expect(await recorded()).toBe(1);
  });
});
