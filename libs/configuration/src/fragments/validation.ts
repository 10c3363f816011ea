import {
  always,
  byteSize,
  choice,
  defaulting,
  flag,
  ignored,
  integer,
  list,
  pattern,
  section,
  text,
} from '@longshore/fields';

const platform = section('A platform.', {
  os: text('Operating system, by its GOOS name.').optional(),
  architecture: text('Architecture, by its GOARCH name.').optional(),
});

export const validation = always(
  section('Rules for accepted manifests.', {
    disabled: defaulting(
      flag(
        'Accept manifests that violate the rules for urls and platforms. References must exist in any case.',
      ),
      'false',
    ),
    enabled: ignored('validation is on unless disabled'),
    manifests: always(
      section('Manifests and indexes.', {
        urls: always(
          section(
            'The `urls` of foreign layers. Without either list every http and https URL is accepted (distribution accepts none). The registry fetches nothing from them.',
            {
              allow: list('A URL must match one of these.', pattern('A pattern.')).default([]),
              deny: list('A URL must match none of these.', pattern('A pattern.')).default([]),
            },
          ),
        ),
        blobs: defaulting(
          choice(
            'Blobs of a manifest (config, layers without urls) that must be in the repository. `none` accepts images whose layers come later, or never.',
            ['all', 'none'],
          ),
          'all',
        ),
        indexes: always(
          section('Images of an index that must be in the repository.', {
            platforms: defaulting(
              choice('All images, none, or those of the platforms in platformlist.', ['all', 'none', 'list']),
              'all',
            ),
            platformlist: list('Platforms whose images must exist, if platforms is list.', platform).default(
              [],
            ),
          }),
        ),
        referencelimit: defaulting(
          integer('Most references (config, layers, images of an index) in one manifest.', { minimum: 1 }),
          '10000',
        ),
        annotationlimit: defaulting(
          integer('Most annotations in one manifest, and in one reference of it.', {
            minimum: 0,
            maximum: 100_000,
          }),
          '1000',
        ),
        mediatypes: defaulting(
          choice(
            'Media types allowed for references and as artifactType: `any` text, as in distribution, or those of RFC 6838.',
            ['any', 'rfc6838'],
          ),
          'any',
        ),
        payloadsizelimit: defaulting(
          byteSize('Largest manifest. The specification requires 4 MiB.', { minimum: 1024 }),
          '4MiB',
        ),
      }),
    ),
  }),
);
