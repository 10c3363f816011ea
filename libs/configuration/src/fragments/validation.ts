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
  section('Which manifests are taken.', {
    disabled: defaulting(
      flag(
        'Take manifests whose urls and platforms do not pass. Content that a manifest names must be there in any case.',
      ),
      'false',
    ),
    enabled: ignored('validation is on unless disabled'),
    manifests: always(
      section('Manifests and indexes.', {
        urls: always(
          section(
            'The `urls` of foreign layers. With neither list every http and https URL is taken (distribution takes none then); nothing is fetched from them.',
            {
              allow: list('A URL must match one of these.', pattern('A pattern.')).default([]),
              deny: list('A URL must match none of these.', pattern('A pattern.')).default([]),
            },
          ),
        ),
        blobs: defaulting(
          choice(
            'Which of the blobs that a manifest names (config, layers without urls) must be in the repository. none takes images whose layers come later, or never.',
            ['all', 'none'],
          ),
          'all',
        ),
        indexes: always(
          section('Which images of an index must be in the repository.', {
            platforms: defaulting(
              choice('All of them, none, or those of the platforms listed.', ['all', 'none', 'list']),
              'all',
            ),
            platformlist: list('The platforms, when platforms is list.', platform).default([]),
          }),
        ),
        referencelimit: defaulting(
          integer('References (config, layers, images of an index) of one manifest.', { minimum: 1 }),
          '10000',
        ),
        annotationlimit: defaulting(
          integer('Annotations of one manifest, and of one reference in it.', {
            minimum: 0,
            maximum: 100_000,
          }),
          '1000',
        ),
        mediatypes: defaulting(
          choice(
            'Which media types a manifest may give to what it refers to, and to itself as artifactType: any text, as distribution takes it, or those of RFC 6838.',
            ['any', 'rfc6838'],
          ),
          'any',
        ),
        payloadsizelimit: defaulting(
          byteSize('Size of a manifest; the specification asks for 4 MiB.', { minimum: 1024 }),
          '4MiB',
        ),
      }),
    ),
  }),
);
