import { storageMiddleware } from './storage-middleware.ts';
import { anything, defaulting, flag, ignored, list, refused, section, text } from '../fields.ts';

const inactive = (reason: string) =>
  list(
    `Not supported: ${reason}. Entries with disabled: true are accepted.`,
    section('An entry.', {
      name: text('Name.').optional(),
      disabled: defaulting(
        flag('Must be true.').refine(
          (off) => off,
          `is not supported: ${reason}; remove the entry, or set disabled: true`,
        ),
        'false',
      ),
      options: anything('Options.').optional(),
    }),
  ).default([]);

/** Sections of distribution that mean nothing here, or that are not honoured yet and say so. */
export const legacy = {
  loglevel: ignored('deprecated by distribution; set log.level'),
  redis: ignored('nothing is cached in Redis; the metadata is in Postgres'),
  reporting: ignored('Bugsnag and New Relic are not reported to; use telemetry'),
  proxy: refused('pull-through caching'),
  middleware: section('Middleware of distribution.', {
    registry: inactive('middleware around the registry'),
    repository: inactive('middleware around repositories'),
    storage: storageMiddleware,
  }).optional(),
  policy: refused('classes of repositories'),
  compatibility: section('Compatibility switches of distribution 2.', {
    schema1: section('Manifests of schema 1.', {
      enabled: defaulting(
        flag('Must be false.').refine(
          (on) => !on,
          'is not supported: manifests of schema 1, which clients have not written since 2017',
        ),
        'false',
      ),
      signingkeyfile: text('Accepted and ignored.').optional(),
      trustkey: text('Accepted and ignored.').optional(),
    }).optional(),
  }).optional(),
};
