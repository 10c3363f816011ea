import { userNamed, type Identity } from '@longshore/authorization';
import { loadConfiguration } from '@longshore/configuration';
import { migratedDatabase } from '@longshore/metadata/testing';
import { Authenticator } from '@longshore/service-kit';
import { openDoor } from '@longshore/service-kit/testing';
import { createStorageDriver } from '@longshore/stores';
import { Metrics } from '@longshore/telemetry';
import { blobOf, exchange } from '@longshore/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { BlobSettings } from '../blob-settings.ts';
import { BlobEvents } from '../events/blob-events.ts';
import { UploadEndpoints } from '../uploads/uploads.endpoints.ts';
import { UploadSeries } from '../uploads/upload-series.ts';
import { UploadsService } from '../uploads/uploads.service.ts';
import { MountsService } from './mounts.service.ts';

/** Every client has a token for one repository. */
class OneRepository extends Authenticator {
  override identify(): Identity {
    const grants = [{ type: 'repository', name: 'team/app', actions: ['pull', 'push'] }] as const;
    return { ...userNamed('ann'), grants };
  }

  override challenge(): undefined {
    return undefined;
  }
}

const postgres = await migratedDatabase();
const driver = await createStorageDriver({ inmemory: {} });
const settings = new BlobSettings(loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}' } }));
const metrics = new Metrics({ service: 'test' });
const events = new BlobEvents(settings);
const { database } = postgres;
const uploads = new UploadsService(database, driver, settings, events, new UploadSeries(metrics));
const mounts = new MountsService(database, settings, events, metrics);
const door = await openDoor({
  endpoints: [new UploadEndpoints(uploads, mounts, driver)],
  authenticator: new OneRepository(),
});
afterAll(async () => {
  await door.close();
  await driver.close();
  await postgres.drop();
});

describe('a mount from a repository that the caller may not pull', () => {
  it('begins an upload, and is counted as declined', async () => {
    const { digest } = blobOf(Buffer.from('layer'));
    const path = `/v2/team/app/blobs/uploads/?mount=${digest}&from=team/secret`;
    const { status } = await exchange(door.origin, path, { method: 'POST' });
    expect(status).toBe(202);
    expect(await metrics.registry.metrics()).toMatch(/^longshore_mounts_total\{outcome="declined".*\} 1$/m);
  });
});
