import { userNamed, type Identity } from '@longshore/authorization';
import { loadConfiguration } from '@longshore/configuration';
import { getManifest, InProcessBus, type ManifestQuery } from '@longshore/messaging';
import { Authenticator } from '@longshore/service-kit';
import { openDoor, type OpenDoor } from '@longshore/service-kit/testing';
import { exchange } from '@longshore/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewaySettings } from '../gateway-settings.ts';
import { ManifestEndpoints } from './manifests.endpoints.ts';

const config = loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}' } });
const digest = `sha256:${'a'.repeat(64)}`;
const asked: ManifestQuery[] = [];
const bus = new InProcessBus();
bus.serve(getManifest, async (query) => {
  asked.push(query);
  const payload = Buffer.from('{}');
  return { digest, mediaType: 'application/json', size: 2, ...(query.payload ? { payload } : {}) };
});

class Granting extends Authenticator {
  actions: readonly string[] = [];
  override identify(): Identity {
    const grants = [{ type: 'repository', name: 'team/app', actions: this.actions }] as const;
    return { ...userNamed('ann'), grants };
  }

  override challenge(): undefined {
    return undefined;
  }
}

const authenticator = new Granting();
let door: OpenDoor;
beforeAll(async () => {
  await bus.start();
  door = await openDoor({
    endpoints: [new ManifestEndpoints(bus, new GatewaySettings(config))],
    authenticator,
  });
});
beforeEach(() => void (asked.length = 0));
afterAll(async () => {
  await door.close();
  await bus.close();
});

describe('manifest-get', () => {
  it.each([
    ['HEAD', ['pull', 'push'], true],
    ['HEAD', ['pull'], undefined],
    ['GET', ['pull', 'push'], undefined],
  ])('says of a %s by one who may %j whether a push is under way', async (method, actions, pushing) => {
    authenticator.actions = actions;
    const { status } = await exchange(door.origin, '/v2/team/app/manifests/latest', { method });
    expect(status).toBe(200);
    expect(asked).toMatchObject([{ repository: 'team/app', reference: 'latest', payload: method === 'GET' }]);
    expect(asked[0]?.pushing).toBe(pushing);
  });
});
