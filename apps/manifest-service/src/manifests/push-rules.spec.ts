import { createHash } from 'node:crypto';
import { loadConfiguration } from '@longshore/configuration';
import { mediaTypes, OciError, parseManifest } from '@longshore/oci';
import { describe, expect, it } from 'vitest';
import { ManifestSettings } from '../manifest-settings.ts';
import { filingOf, refuseForbiddenUrls, requiredChildren } from './push-rules.ts';

const payload = Buffer.from('{"a": 1}');
const digestOf = (algorithm: string, text: string | Buffer = payload): string =>
  `${algorithm}:${createHash(algorithm).update(text).digest('hex')}`;

function settings(environment: Record<string, string> = {}): ManifestSettings {
  return new ManifestSettings(
    loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}', ...environment } }),
  );
}

/** Returns the code of the thrown error, or undefined. */
function codeOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof OciError) return error.code;
    throw error;
  }
}

describe('filingOf', () => {
  it('files a push by tag under sha256 and its tags, each once', () => {
    expect(filingOf('latest', ['v1', 'latest', 'v1'], payload)).toEqual({
      digest: digestOf('sha256'),
      tags: ['latest', 'v1'],
    });
  });

  it.each(['sha256', 'sha512'])("files a push by digest under the client's algorithm (%s)", (algorithm) => {
    expect(filingOf(digestOf(algorithm), ['v1'], payload)).toEqual({
      digest: digestOf(algorithm),
      tags: ['v1'],
    });
    expect(filingOf(digestOf(algorithm), [], payload).tags).toEqual([]);
  });

  it('refuses bytes that are not what the digest names', () => {
    expect(codeOf(() => filingOf(digestOf('sha256', 'other'), [], payload))).toBe('DIGEST_INVALID');
  });

  it.each(['-latest', '', 'a b', 'x'.repeat(129), '../up'])('refuses the tag parameter "%s"', (tag) => {
    expect(codeOf(() => filingOf('latest', [tag], payload))).toBe('TAG_INVALID');
  });
});

const descriptor = (text: string, more: Record<string, unknown> = {}) => ({
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
  digest: digestOf('sha256', text),
  size: 1,
  ...more,
});

function image(...urls: readonly string[]) {
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptor('config'),
    layers: urls.map((url) => descriptor(url, { urls: [url] })),
  };
  return parseManifest(Buffer.from(JSON.stringify(document)), mediaTypes.ociManifest);
}

const refused = (url: string, environment = {}) =>
  codeOf(() => refuseForbiddenUrls(image(url), settings(environment)));

describe('refuseForbiddenUrls', () => {
  const allow = { REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW: '["^https://ours\\\\.example/"]' };
  const deny = { REGISTRY_VALIDATION_MANIFESTS_URLS_DENY: '["/secret/"]' };
  it('allows any URL when nothing is configured', () => {
    expect(refused('https://anywhere.example/layer')).toBeUndefined();
  });

  it('allows only what one expression allows', () => {
    expect(refused('https://ours.example/layer', allow)).toBeUndefined();
    expect(refused('https://ours.example.evil.example/layer', allow)).toBe('MANIFEST_INVALID');
  });

  it('denies a URL that both lists match', () => {
    expect(refused('https://ours.example/secret/layer', { ...allow, ...deny })).toBe('MANIFEST_INVALID');
  });

  it.each([
    ['file:///etc/passwd', 'no web address'],
    ['ftp://anywhere.example/layer', 'no web address'],
    ['javascript:alert(1)', 'no web address'],
    ['https:anywhere.example', 'no authority'],
    ['//anywhere.example/layer', 'no scheme'],
    ['https://anywhere.example/layer#part', 'a fragment, which distribution refuses'],
    [' https://anywhere.example/layer', 'a blank before it'],
    [`https://anywhere.example/${'a'.repeat(2100)}`, 'too long'],
  ])('refuses %s whatever is configured (%s)', (url) => {
    expect(refused(url)).toBe('MANIFEST_INVALID');
    expect(refused(url, { REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW: '[".*"]' })).toBe('MANIFEST_INVALID');
    expect(refused(url, { REGISTRY_VALIDATION_DISABLED: 'true' })).toBeUndefined();
  });

  it("takes distribution's example of a pattern and as many URLs as a manifest may have", () => {
    const example = String.raw`^https?://([^/]+\.)*example\.com/`;
    const environment = { REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW: JSON.stringify([example]) };
    const rules = settings(environment);
    const urls = Array.from({ length: 1001 }, (_, index) => `https://${'a.'.repeat(900)}${index}`);
    expect(codeOf(() => refuseForbiddenUrls(image(...urls.slice(1)), rules))).toBe('MANIFEST_INVALID');
    expect(() => refuseForbiddenUrls(image(...urls), rules)).toThrow(
      expect.objectContaining({
        entries: [expect.objectContaining({ detail: { reason: 'the layers have more than 1000 URLs' } })],
      }),
    );
    expect(refused('https://mirror.example.com/layer', environment)).toBeUndefined();
  });

  it('names every refused URL', () => {
    const [one, two] = ['https://a.example/1', 'https://b.example/2'];
    const mixed = image(one ?? '', 'https://ours.example/ok', two ?? '');
    expect(() => refuseForbiddenUrls(mixed, settings(allow))).toThrow(
      expect.objectContaining({
        entries: [
          expect.objectContaining({ detail: { reason: 'the layer URL is not allowed', url: one } }),
          expect.objectContaining({ detail: { reason: 'the layer URL is not allowed', url: two } }),
        ],
      }),
    );
  });
});

describe('requiredChildren', () => {
  const children = [
    descriptor('amd64', {
      mediaType: mediaTypes.ociManifest,
      platform: { os: 'linux', architecture: 'amd64' },
    }),
    descriptor('arm64', {
      mediaType: mediaTypes.ociManifest,
      platform: { os: 'linux', architecture: 'arm64' },
    }),
    descriptor('nowhere', { mediaType: mediaTypes.ociManifest }),
  ];
  const document = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: children };
  const index = parseManifest(Buffer.from(JSON.stringify(document)), mediaTypes.ociIndex);
  const required = (environment: Record<string, string>) => requiredChildren(index, settings(environment));

  it('is every child, none, or those of the platforms that are listed', () => {
    const key = 'REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS';
    expect(required({ [key]: 'all' })).toEqual(children.map(({ digest }) => digest));
    expect(required({ [key]: 'none' })).toEqual([]);
    const listed = { [`${key.slice(0, -1)}LIST`]: '[{os: linux, architecture: arm64}]' };
    expect(required({ [key]: 'list', ...listed })).toEqual([children[1]?.digest]);
  });
});
