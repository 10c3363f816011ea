import { loadConfiguration } from '@longshore/configuration';
import { type Origin, registryEvent } from '@longshore/messaging';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../notifier-settings.ts';
import { envelopeOf, isWanted } from './envelope.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const origin: Origin = {
  actor: 'ann',
  request: {
    id: 'r-1',
    addr: '198.51.100.7',
    host: 'registry.example',
    method: 'PUT',
    useragent: 'docker/28',
  },
  baseUrl: 'https://registry.example',
};
const references = [{ mediaType: 'application/vnd.oci.image.config.v1+json', size: 2, digest }];
const target = {
  mediaType,
  size: 7,
  length: 7,
  digest,
  repository: 'team/app',
  url: `https://registry.example/v2/team/app/manifests/${digest}`,
  tag: 'latest',
  references,
};
const event = registryEvent('push', target, origin);

describe('envelopeOf', () => {
  it("has the fields of distribution's envelope (notifications/event.go), by their names there", () => {
    expect(JSON.parse(Buffer.from(envelopeOf(event)).toString())).toEqual({
      events: [
        {
          id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
          action: 'push',
          target: {
            mediaType,
            size: 7,
            length: 7,
            digest,
            repository: 'team/app',
            url: `https://registry.example/v2/team/app/manifests/${digest}`,
            tag: 'latest',
            references,
          },
          request: {
            id: 'r-1',
            addr: '198.51.100.7',
            host: 'registry.example',
            method: 'PUT',
            useragent: 'docker/28',
          },
          actor: { name: 'ann' },
          source: { addr: expect.any(String), instanceID: expect.any(String) },
        },
      ],
    });
  });

  it('omits the actor of an anonymous request, as distribution omits empty fields', () => {
    const anonymous = registryEvent('pull', { repository: 'team/app' }, { ...origin, actor: '' });
    expect(JSON.parse(Buffer.from(envelopeOf(anonymous)).toString())).toMatchObject({
      events: [{ actor: {} }],
    });
  });
});

describe('isWanted', () => {
  const environment = {
    REGISTRY_STORAGE_INMEMORY: '{}',
    REGISTRY_NOTIFICATIONS_ENDPOINTS: '[{name: x, url: "http://127.0.0.1:1"}]',
  };
  const [endpoint] = loadConfiguration({ environment }).notifications.endpoints;
  const wanted = (more: Partial<Endpoint>): boolean =>
    endpoint !== undefined && isWanted(event, { ...endpoint, ...more });

  it('is true for every event unless something is ignored', () => {
    expect(wanted({})).toBe(true);
    expect(wanted({ ignore: { actions: ['pull'], mediatypes: ['text/plain'] } })).toBe(true);
  });

  it('is false for an ignored action or media type, under both names of the key', () => {
    expect(wanted({ ignore: { actions: ['push'], mediatypes: [] } })).toBe(false);
    expect(wanted({ ignore: { actions: [], mediatypes: [mediaType] } })).toBe(false);
    expect(wanted({ ignoredmediatypes: [mediaType] })).toBe(false);
  });
});
