import { always, defaulting, duration, flag, section } from '@longshore/fields';

export const maintenance = always(
  section('Removal of abandoned uploads, and read-only mode.', {
    uploadpurging: always(
      section('Removal of unfinished uploads.', {
        enabled: defaulting(flag('Remove unfinished uploads.'), 'true'),
        age: defaulting(duration('Age at which an idle upload is removed.', { minimum: 1 }), '168h'),
        interval: defaulting(
          duration(
            'How often the store is searched for leftover parts. Expired sessions are ended at gc.interval.',
            { minimum: 1 },
          ),
          '24h',
        ),
        dryrun: defaulting(flag('Remove nothing, like enabled: false.'), 'false'),
      }),
    ),
    readonly: always(
      section('Refuse every write.', {
        enabled: defaulting(flag('Refuse pushes and deletions with 405 UNSUPPORTED.'), 'false'),
      }),
    ),
  }),
);
