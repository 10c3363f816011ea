import {
  always,
  anything,
  choice,
  defaulting,
  duration,
  facts,
  flag,
  glob,
  ignored,
  integer,
  list,
  map,
  nearest,
  network,
  pattern,
  refused,
  section,
} from '@longshore/fields';
import { z } from 'zod';
import { driverSections, drivers, maintenance } from './drivers.ts';

const settings = {
  delete: always(
    section('Deletion by clients.', {
      // distribution's default is false, because there a deleted blob stays on disk until an offline collection. Here deletion
      // takes effect at once, is collected online, and needs its own right, so the specification's behaviour is the default.
      enabled: defaulting(
        flag(
          'Accept DELETE of manifests, tags and blobs. Differs from distribution (false): here space is reclaimed online and deletion needs its own right.',
        ),
        'true',
      ),
    }),
  ),
  verify: always(
    section('Looking for damage in the store. What is found absent or short is noticed in any case.', {
      pulls: defaulting(
        flag(
          'Hash whole blobs as they are served: a damaged one is cut off before its last byte and is unknown until it is pushed again. Costs about 0.8 s of CPU per GiB (sha256); pulls that are redirected to the store are not seen.',
        ),
        'false',
      ),
    }),
  ),
  redirect: always(
    section('Sending clients to the store itself.', {
      disable: defaulting(flag('Serve every byte through the registry.'), 'false'),
      head: defaulting(
        flag('Send HEAD of a blob there as well; the registry knows the answer without the store.'),
        'false',
      ),
      expiry: defaulting(
        duration(
          'How long a signed URL is good for at least. All URLs of a period are the same text, so that caches hit: one lives half as long again at most, and an hour more at most.',
          { minimum: 60_000, maximum: 6 * 24 * 3_600_000 },
        ),
        '20m',
      ),
      except: always(
        section('Who is served through the registry all the same.', {
          repositories: list('Globs of repository names.', glob('Such as `team/*` or `team/**`.'), {
            separated: true,
          }).default([]),
          clients: list(
            'Addresses or networks of clients that do not reach the store.',
            network('An address or network.'),
            { separated: true },
          ).default([]),
          useragents: list(
            'Clients that do not follow redirects well.',
            pattern('Matches in the User-Agent.'),
          ).default([]),
        }),
      ),
    }),
  ),
  maintenance,
  cache: section('Caches of distribution.', {
    blobdescriptor: choice('Accepted and ignored: descriptors are read from Postgres, in batches.', [
      'inmemory',
      'redis',
    ]).optional(),
    blobdescriptorsize: ignored('there is no such cache'),
    layerinfo: ignored('there is no such cache'),
  }).optional(),
  tag: section('Tag look-ups of distribution.', {
    concurrencylimit: integer('Accepted and ignored: tags are rows of a table.').optional(),
  }).optional(),
  fallback: map(
    'The store that the registry moves away from, by the name of its driver: what is not in its own store yet is read from there.',
    anything('Parameters of the driver.'),
    { secret: true },
  )
    .refine((stores) => Object.keys(stores).length === 1, 'needs exactly one driver')
    .optional(),
  gcs: refused('Google Cloud Storage; use its S3-compatible endpoint with the s3 driver'),
};

/** Keys of `storage` that are no drivers; every other key names one. */
const settingNames = new Set(Object.keys(settings));

const object = z.object({ ...driverSections, ...settings }).catchall(z.unknown());
facts.add(object, {
  description: 'Where bytes are kept: exactly one driver, and settings that hold for each.',
  shorthand: true,
});

export const storage = object.superRefine((value, context) => {
  const present = Object.keys(value).filter((key) => value[key] !== undefined && !settingNames.has(key));
  for (const key of present.filter((name) => !(name in drivers))) {
    const meant = nearest(key, [...Object.keys(drivers), ...settingNames]);
    if (meant !== undefined)
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `is neither a driver nor a setting; did you mean ${meant}?`,
      });
    else if (!isParameters(value[key]))
      context.addIssue({ code: 'custom', path: [key], message: 'must hold the parameters of the driver' });
  }
  if (present.length !== 1) {
    const found = present.length === 0 ? 'none is named' : `${present.join(', ')} are named`;
    context.addIssue({
      code: 'custom',
      message: `needs exactly one driver (${Object.keys(drivers).join(', ')}, or the name of a package that holds one); ${found}`,
    });
  }
});

/** The driver that the configuration names, with its parameters, in the form that `createStorageDriver` takes. */
export function storageDriverOf(value: z.output<typeof storage>): Record<string, Record<string, unknown>> {
  const found = Object.entries(value).filter(
    ([key, parameters]) => parameters !== undefined && !settingNames.has(key),
  );
  return Object.fromEntries(
    found.map(([key, parameters]) => [key, isParameters(parameters) ? parameters : {}]),
  );
}

function isParameters(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
