import {
  always,
  choice,
  defaulting,
  duration,
  facts,
  flag,
  glob,
  ignored,
  integer,
  list,
  nearest,
  network,
  pattern,
  refused,
  section,
} from '@longshore/fields';
import { driverNames, isDriverName } from '@longshore/stores/catalogue';
import { z } from 'zod';
import { driverSections } from './drivers.ts';
import { maintenance } from './storage-maintenance.ts';

/** The store that the registry moves away from, in the form of `storage` without the settings. */
const fallback = z.object(driverSections).catchall(z.unknown());
facts.add(fallback, {
  description:
    'Old store during a move, under the name of its driver. Objects that the new store does not have yet are read from it.',
  like: 'storage',
  secret: true,
});

const settings = {
  delete: always(
    section('Deletion by clients.', {
      // distribution's default is false, because there a deleted blob stays on disk until an offline collection. Here deletion takes effect at once,
      // is collected online, and needs its own permission, so the default follows the specification.
      enabled: defaulting(
        flag(
          'Accept DELETE of manifests, tags and blobs. Differs from distribution (false): here space is reclaimed online and deletion needs its own right.',
        ),
        'true',
      ),
    }),
  ),
  verify: always(
    section('Detection of damaged objects. Missing and short objects are always detected.', {
      pulls: defaulting(
        flag(
          'Hash whole blobs while they are served. A damaged blob is cut off before its last byte, and is unknown until it is pushed again. Costs about 0.8 s of CPU per GiB (sha256). Pulls that are redirected to the store are not checked.',
        ),
        'false',
      ),
    }),
  ),
  redirect: always(
    section('Redirects of clients to the store.', {
      disable: defaulting(flag('Serve every byte through the registry.'), 'false'),
      head: defaulting(
        flag('Redirect HEAD of a blob as well, although the registry can answer it without the store.'),
        'false',
      ),
      expiry: defaulting(
        duration(
          'Shortest life of a signed URL. URLs signed within one period are equal, so that caches hit. Therefore a URL may live longer: by half of this time, and by an hour at most.',
          { minimum: 60_000, maximum: 6 * 24 * 3_600_000 },
        ),
        '20m',
      ),
      except: always(
        section('Exceptions that are served through the registry.', {
          repositories: list('Globs of repository names.', glob('Such as `team/*` or `team/**`.'), {
            separated: true,
          }).default([]),
          clients: list(
            'Addresses or networks of clients that cannot reach the store.',
            network('An address or network.'),
            { separated: true },
          ).default([]),
          useragents: list(
            'Clients that handle redirects badly.',
            pattern('Pattern found in the User-Agent.'),
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
  fallback: fallback.superRefine((value, context) => refuseUnlessOne(value, new Set(), context)).optional(),
  gcs: refused('Google Cloud Storage; use its S3-compatible endpoint with the s3 driver'),
};

/** Keys of `storage` that are not drivers. Every other key names a driver. */
const settingNames = new Set(Object.keys(settings));

const object = z.object({ ...driverSections, ...settings }).catchall(z.unknown());
facts.add(object, {
  description: 'Object storage: exactly one driver, and settings that apply to all drivers.',
  shorthand: true,
});

export const storage = object.superRefine((value, context) => refuseUnlessOne(value, settingNames, context));

/** Refuses a section that does not name exactly one driver, with parameters. */
function refuseUnlessOne(
  value: Readonly<Record<string, unknown>>,
  settingsBeside: ReadonlySet<string>,
  context: z.core.$RefinementCtx,
): void {
  const present = Object.keys(value).filter((key) => value[key] !== undefined && !settingsBeside.has(key));
  for (const key of present.filter((name) => !isDriverName(name))) {
    const meant = nearest(key, [...driverNames, ...settingsBeside]);
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
      message: `needs exactly one driver (${driverNames.join(', ')}, or the name of a package that holds one); ${found}`,
    });
  }
}

/** Returns the configured driver with its parameters, in the form that `createStorageDriver` takes. */
export function storageDriverOf(
  value: Readonly<Record<string, unknown>>,
): Record<string, Record<string, unknown>> {
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
