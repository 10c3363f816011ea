import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OciError } from '../errors.ts';
import { mediaTypes } from '../media-type.ts';
import { type ManifestLimits, type ParsedManifest, parseManifest } from './parse-manifest.ts';

const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
const foreignType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
const config = { mediaType: configType, digest: digestOf('c'), size: 2 };
const layer = { mediaType: layerType, digest: digestOf('1'), size: 10 };
const child = { mediaType: mediaTypes.ociManifest, digest: digestOf('d'), size: 500 };

type Fields = Readonly<Record<string, unknown>>;
const imageOf = (fields: Fields = {}): Fields => ({ schemaVersion: 2, config, layers: [layer], ...fields });
const indexOf = (fields: Fields = {}): Fields => ({ schemaVersion: 2, manifests: [child], ...fields });

const parseText = (text: string, type: string, limits?: ManifestLimits): ParsedManifest =>
  parseManifest(Buffer.from(text), type, limits);
const image = (fields?: Fields, type: string = mediaTypes.ociManifest): ParsedManifest =>
  parseText(JSON.stringify(imageOf(fields)), type);
const index = (fields?: Fields, type: string = mediaTypes.ociIndex): ParsedManifest =>
  parseText(JSON.stringify(indexOf(fields)), type);

function refusal(run: () => unknown): string {
  try {
    run();
    return 'not refused';
  } catch (error) {
    if (error instanceof OciError) return `${error.status} ${error.body()}`;
    throw error;
  }
}

describe('parseManifest of an image', () => {
  it('lists its references, each digest once', () => {
    const manifest = image({ layers: [layer, layer, { ...layer, digest: digestOf('2') }] });
    expect(manifest).toMatchObject({ kind: 'image', mediaType: mediaTypes.ociManifest, config });
    expect(manifest.layers).toHaveLength(3);
    expect(manifest.requiredBlobs).toEqual([digestOf('c'), digestOf('1'), digestOf('2')]);
    expect(manifest).toMatchObject({ optionalBlobs: [], children: [], manifests: [], annotations: {} });
    expect(manifest).not.toHaveProperty('subject');
  });

  it.each([
    ['its field', { artifactType: 'a/b' }, 'a/b'],
    ['its config without the field', {}, configType],
    ['its config when the field is empty', { artifactType: '' }, configType],
  ])('has the artifact type of %s', (_, fields, artifactType) => {
    expect(image(fields).artifactType).toBe(artifactType);
  });

  it('does not require a layer with other sources, and references it if it exists', () => {
    const foreign = {
      mediaType: foreignType,
      digest: digestOf('f'),
      size: 9,
      urls: ['https://example.com/layer'],
    };
    const manifest = image({ layers: [layer, foreign, { ...foreign, digest: digestOf('1') }] });
    expect(manifest.requiredBlobs).toEqual([digestOf('c'), digestOf('1')]);
    expect(manifest.optionalBlobs).toEqual([digestOf('f')]);
    expect(manifest.layers[1]?.urls).toEqual(['https://example.com/layer']);
  });

  it.each([[[]], [null]])('needs a layer whose urls are %j', (urls) => {
    expect(image({ layers: [{ ...layer, urls }] }).requiredBlobs).toContain(digestOf('1'));
  });

  it.each([[[]], [null], [undefined]])('may have layers %j', (layers) => {
    expect(image({ layers })).toMatchObject({ layers: [], requiredBlobs: [digestOf('c')] });
  });

  it('reads subject, annotations and what a descriptor carries', () => {
    const subject = { mediaType: mediaTypes.ociIndex, digest: `sha512:${'5'.repeat(128)}`, size: 3 };
    const full = { ...layer, annotations: { title: 'x' }, artifactType: 'a/b', data: 'e30=', custom: [1] };
    const manifest = image({ subject, annotations: { key: 'value' }, layers: [full], extra: { deep: [{}] } });
    expect(manifest).toMatchObject({ subject, annotations: { key: 'value' } });
    expect(manifest.layers).toEqual([{ ...layer, annotations: { title: 'x' }, artifactType: 'a/b' }]);
  });

  it.each([
    'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    'application/vnd.oci.image.layer.v1.tar+zstd',
    'application/vnd.in-toto+json',
    'application/wasm',
    'text/spdx',
    'x/y',
  ])('may have a layer of %s', (mediaType) => {
    expect(image({ layers: [{ ...layer, mediaType }] }).layers[0]?.mediaType).toBe(mediaType);
  });

  it('is also read with the type that Docker declares', () => {
    const type = mediaTypes.dockerManifest;
    expect(image({ mediaType: type }, type)).toMatchObject({ kind: 'image', mediaType: type });
    expect(refusal(() => image({}, type))).toContain('mediaType');
  });
});

describe('parseManifest of an index', () => {
  it('lists its children, each once, and needs no blob', () => {
    const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };
    const manifest = index({ manifests: [{ ...child, platform }, child] });
    expect(manifest).toMatchObject({
      kind: 'index',
      children: [digestOf('d')],
      requiredBlobs: [],
      layers: [],
    });
    expect(manifest.manifests[0]?.platform).toEqual(platform);
    expect(manifest).not.toHaveProperty('artifactType');
  });

  it.each([mediaTypes.ociIndex, mediaTypes.dockerList])('%s may be empty', (type) => {
    expect(index({ manifests: [], mediaType: type }, type).children).toEqual([]);
  });

  it('reports its own artifact type', () => {
    expect(index({ artifactType: 'a/b' }).artifactType).toBe('a/b');
  });

  it('may list blobs, as the build cache of BuildKit does', () => {
    const manifests = [
      { ...layer, annotations: { 'buildkit/createdat': '2026-01-01T00:00:00Z' } },
      { mediaType: 'application/vnd.buildkit.cacheconfig.v0', digest: digestOf('b'), size: 4 },
    ];
    expect(index({ manifests }).children).toEqual([digestOf('1'), digestOf('b')]);
  });
});

describe('parseManifest and the declared type', () => {
  it.each([
    `${mediaTypes.ociManifest}; charset=utf-8`,
    `${mediaTypes.ociManifest} ;charset=utf-8`,
    mediaTypes.ociManifest.toUpperCase(),
  ])('takes %s by its bare type', (type) => {
    expect(image({ mediaType: mediaTypes.ociManifest }, type).mediaType).toBe(mediaTypes.ociManifest);
  });

  it.each([
    '',
    'application/json',
    'text/html',
    'application/vnd.oci.artifact.manifest.v1+json',
    'x'.repeat(9000),
  ])('refuses and names %.60j', (type) => {
    const refused = refusal(() => image({}, type));
    expect(refused).toMatch(/^400 .*MANIFEST_INVALID/);
    expect(refused).toContain(type.slice(0, 128));
    expect(refused.length).toBeLessThan(600);
  });

  it.each([
    'application/vnd.docker.distribution.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v1+prettyjws',
  ])('says that %s is schema 1', (type) => {
    expect(refusal(() => image({}, type))).toMatch(/^400 .*MANIFEST_INVALID.*schema 1/);
  });

  it('refuses a document that a client could read as another type (CVE-2021-41190)', () => {
    for (const manifests of [[child], [], null])
      expect(refusal(() => image({ manifests }))).toContain('manifests');
    for (const layers of [[layer], [], null]) expect(refusal(() => index({ layers }))).toContain('layers');
    expect(refusal(() => index({ config }))).toContain('MANIFEST_INVALID');
    expect(refusal(() => image({ fsLayers: [] }))).toContain('MANIFEST_INVALID');
    expect(refusal(() => image({ Manifests: [child] }))).toContain('another case');
    expect(refusal(() => index({ LAYERS: [layer] }))).toContain('another case');
    expect(refusal(() => image({ mediaType: mediaTypes.ociIndex }))).toContain('mediaType');
    expect(refusal(() => index({ mediaType: mediaTypes.ociManifest }))).toContain('mediaType');
  });
});

function imageWith(descriptor: unknown): string {
  return refusal(() => image({ layers: [descriptor] }));
}

const entriesOf = (count: number) =>
  Array.from({ length: count }, (_, at): [string, string] => [`key-${at}`, '']);

describe('parseManifest and bad input', () => {
  it.each([
    ['no JSON', 'x'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"a"'],
    ['two documents', '{}{}'],
    ['an object without fields', '{}'],
    ['a byte order mark', `\uFEFF${JSON.stringify(imageOf())}`],
    ['schema version 1', JSON.stringify(imageOf({ schemaVersion: 1 }))],
    ['schema version "2"', JSON.stringify(imageOf({ schemaVersion: '2' }))],
    ['no config', JSON.stringify(imageOf({ config: undefined }))],
    ['a config that is null', JSON.stringify(imageOf({ config: null }))],
    ['layers that are no list', JSON.stringify(imageOf({ layers: {} }))],
    ['annotations that are no texts', JSON.stringify(imageOf({ annotations: { a: 1 } }))],
    ['annotations that are a list', JSON.stringify(imageOf({ annotations: [] }))],
    ['schema version 2.0', JSON.stringify(imageOf()).replace('"schemaVersion":2', '"schemaVersion":2.0')],
    ['a size of 2e0', JSON.stringify(imageOf()).replace('"size":2', '"size" :\t2e0')],
    ['a size of 2.0', JSON.stringify(imageOf()).replace('"size":2', '"size":2.0')],
    ['a size of 1E1', JSON.stringify(imageOf()).replace('"size":10', '"size":1E1')],
    ['an artifact type that is a number', JSON.stringify(imageOf({ artifactType: 7 }))],
    ['a media type with a NUL', JSON.stringify(imageOf({ artifactType: 'a/b\0' }))],
    [
      'a thousand and one annotations',
      JSON.stringify(imageOf({ annotations: Object.fromEntries(entriesOf(1001)) })),
    ],
    [
      'a layer with a thousand and one annotations',
      JSON.stringify(imageOf({ layers: [{ ...layer, annotations: Object.fromEntries(entriesOf(1001)) }] })),
    ],
    ['a subject that is none', JSON.stringify(imageOf({ subject: 'x' }))],
  ])('refuses %s', (_, text) => {
    expect(refusal(() => parseText(text, mediaTypes.ociManifest))).toMatch(/^400 .*MANIFEST_INVALID/);
  });

  it('refuses an index without a list', () => {
    expect(refusal(() => index({ manifests: undefined }))).toContain('manifests must be a list');
  });

  it('refuses bytes that are no UTF-8', () => {
    const bytes = Buffer.from(JSON.stringify(imageOf({ annotations: { a: 'ä' } })), 'latin1');
    expect(refusal(() => parseManifest(bytes, mediaTypes.ociManifest))).toMatch(/^400 .*MANIFEST_INVALID/);
  });

  it.each([-1, 1.5, 2 ** 53, 1e300, '1', null, undefined, true])('refuses a size of %j', (size) => {
    expect(imageWith({ ...layer, size })).toMatch(/^400 .*MANIFEST_INVALID.*layers\[0\]\.size/);
  });

  const odd = ['', 'x', 'a/', '/b', 'a/b/c', 'a b/c', 'a/b\n', null, undefined, `a/${'b'.repeat(128)}`];
  it.each([...odd, 'referrer.index', 'a/b; c=d'])(
    'takes a media type of %j, as distribution does',
    (mediaType) => {
      expect(image({ layers: [{ ...layer, mediaType }] }).layers[0]?.mediaType).toBe(mediaType ?? '');
    },
  );

  it.each(odd)('refuses a media type of %j where RFC 6838 is asked for', (mediaType) => {
    const text = JSON.stringify(imageOf({ layers: [{ ...layer, mediaType }] }));
    expect(refusal(() => parseText(text, mediaTypes.ociManifest, { mediaTypes: 'rfc6838' }))).toMatch(
      /^400 .*MANIFEST_INVALID.*layers\[0\]\.mediaType/,
    );
  });

  it('has no artifact type where its config has an empty media type', () => {
    expect(image({ config: { ...config, mediaType: '' } })).not.toHaveProperty('artifactType');
  });

  it('lets a field of its own be named like an integer', () => {
    const text = JSON.stringify(imageOf({ custom: { size: 1.5 } }));
    expect(parseText(text, mediaTypes.ociManifest).config?.size).toBe(2);
  });

  it.each([7, {}, 'a/b\0'])('refuses a media type of %j', (mediaType) => {
    expect(imageWith({ ...layer, mediaType })).toMatch(/^400 .*MANIFEST_INVALID.*layers\[0\]\.mediaType/);
  });

  it.each(['', 'sha256:x', digestOf('A'), 'sha1:abc', 7, null, undefined, {}, 'x'.repeat(5000)])(
    'refuses a digest of %.40j',
    (digest) => {
      const refused = imageWith({ ...layer, digest });
      expect(refused).toMatch(/^400 .*DIGEST_INVALID.*layers\[0\]\.digest/);
      expect(refused.length).toBeLessThan(600);
    },
  );

  it.each([{ urls: 'x' }, { urls: [1] }, { annotations: 'x' }, { annotations: { a: {} } }])(
    'refuses a descriptor with %j',
    (fields) => {
      expect(imageWith({ ...layer, ...fields })).toMatch(/^400 .*MANIFEST_INVALID.*layers\[0\]/);
    },
  );

  it('is not confused by keys of prototypes', () => {
    const text = `{"__proto__":{"layers":[1],"manifests":[]},"constructor":{},"schemaVersion":2,"config":${JSON.stringify(config)},"layers":[],"annotations":{"__proto__":"x","toString":"y"}}`;
    const { annotations } = parseText(text, mediaTypes.ociManifest);
    expect(Object.entries(annotations)).toEqual([
      ['__proto__', 'x'],
      ['toString', 'y'],
    ]);
    expect(Object.getPrototypeOf(annotations)).toBe(Object.prototype);
  });

  it('reads any JSON as a manifest or refuses it', () => {
    const documents = fc.oneof(
      fc.json(),
      fc
        .record(
          {
            schemaVersion: fc.constant(2),
            config: fc.oneof(fc.constant(config), fc.jsonValue()),
            layers: fc.oneof(fc.array(fc.constant(layer)), fc.jsonValue()),
            subject: fc.jsonValue(),
            annotations: fc.jsonValue(),
            manifests: fc.jsonValue(),
          },
          { requiredKeys: ['schemaVersion'] },
        )
        .map((document) => JSON.stringify(document)),
    );
    const types = fc.constantFrom(mediaTypes.ociManifest, mediaTypes.ociIndex);
    fc.assert(
      fc.property(documents, types, (text, type) => {
        expect(refusal(() => parseText(text, type))).toMatch(/^400 |^not refused$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads any bytes as a manifest or refuses them', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(refusal(() => parseManifest(bytes, mediaTypes.ociManifest))).toMatch(/^400 /);
      }),
    );
  });
});

/** Measures this thread's CPU time, so the load of other processes does not count. */
function millisecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}

const bombBytes = 4 * 1024 * 1024;
const many = (text: string, close = ''): string =>
  text.repeat(Math.floor(bombBytes / (text.length + close.length)));
/** Keys that fell into one bucket in V8 before its fix of 2026 (CVE-2026-21717). */
const colliding = (): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, key) => [String(key * 65_536), 1])));

describe('parseManifest and bombs of 4 MiB', () => {
  it.each([
    ['nested lists', (): string => many('[', ']') + many(']', '[')],
    ['nested objects', (): string => many('{"a":') + '1' + '}'.repeat(10)],
    ['unclosed brackets', (): string => many('[')],
    ['empty lists', (): string => `{"schemaVersion":2,"layers":[${many('[],')}[]]}`],
    [
      'layers that are numbers',
      (): string => `{"schemaVersion":2,"config":${JSON.stringify(config)},"layers":[${many('1,')}1]}`,
    ],
    ['backslashes in a text', (): string => `{"a":"${many('\\\\')}`],
    ['a number of many digits', (): string => `{"schemaVersion":${many('9')}}`],
    ['integer keys', colliding],
    [
      'a quarter of a million annotations',
      (): string => JSON.stringify(imageOf({ annotations: Object.fromEntries(entriesOf(250_000)) })),
    ],
  ])('refuses %s within a second of CPU', (_, make) => {
    const text = make();
    const started = process.threadCpuUsage();
    expect(refusal(() => parseText(text, mediaTypes.ociManifest))).toMatch(/^400 .*MANIFEST_INVALID/);
    expect(millisecondsSince(started)).toBeLessThan(1000);
  });

  it('takes the largest manifest of the conformance suite: 390 annotations of 10,000 bytes', () => {
    const entries = Array.from({ length: 390 }, (_, at): [string, string] => [
      `key-${at}`,
      'x'.repeat(10_000),
    ]);
    expect(Object.keys(image({ annotations: Object.fromEntries(entries) }).annotations)).toHaveLength(390);
  });

  it('takes as many references as it allows, each with a dozen annotations and a platform', () => {
    const annotations = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`k${at}`, 'v']));
    const platform = { os: 'linux', architecture: 'amd64', variant: 'v1' };
    const manifests = Array.from({ length: 10_000 }, () => ({ ...child, annotations, platform }));
    expect(index({ manifests }).manifests).toHaveLength(10_000);
  });

  it('names the exceeded limit', () => {
    const deep = (levels: number): string =>
      refusal(() =>
        parseText(
          JSON.stringify(imageOf()).replace(/}$/, `,"x":${'['.repeat(levels)}${']'.repeat(levels)}}`),
          mediaTypes.ociManifest,
        ),
      );
    expect(deep(63)).toBe('not refused');
    expect(deep(64)).toContain('nested deeper than 64');
    const lists = `{"x":[${many('[],')}[]]}`;
    expect(refusal(() => parseText(lists, mediaTypes.ociManifest))).toContain('more than 11000 values');
    expect(refusal(() => parseText(lists, mediaTypes.ociManifest, { annotations: 5 }))).toContain('10005');
    const one = JSON.stringify(imageOf({ layers: [], x: Array.from({ length: 20_000 }, () => 1) }));
    expect(refusal(() => parseText(one, mediaTypes.ociManifest))).toContain('more than 11032 values');
  });

  it('does not count brackets in texts', () => {
    expect(image({ annotations: { a: `${'['.repeat(500)}\\"${'{'.repeat(500)}` } }).kind).toBe('image');
  });

  it('refuses more references than its limit, and takes as many', () => {
    const layers = Array.from({ length: 50 }, () => layer);
    const text = JSON.stringify(imageOf({ layers }));
    expect(parseText(text, mediaTypes.ociManifest, { references: 50 }).layers).toHaveLength(50);
    expect(refusal(() => parseText(text, mediaTypes.ociManifest, { references: 49 }))).toContain(
      'at most 49',
    );
    const children = JSON.stringify(indexOf({ manifests: Array.from({ length: 10_001 }, () => child) }));
    expect(refusal(() => parseText(children, mediaTypes.ociIndex))).toContain('at most 10000');
  });

  it('reads ten thousand different references in linear time', () => {
    const layers = Array.from({ length: 10_000 }, (_, at) => ({
      ...layer,
      digest: `sha256:${at.toString(16).padStart(64, '0')}`,
      urls: ['https://example.com'],
    }));
    const started = process.threadCpuUsage();
    expect(image({ layers }).optionalBlobs).toHaveLength(10_000);
    expect(millisecondsSince(started)).toBeLessThan(1000);
  });
});
