import { anything, ignored, inactive, refused, section, text } from '@longshore/fields';
import { storageMiddleware } from './storage-middleware.ts';

const entry = { name: text('Name.').optional(), options: anything('Options.').optional() };

/** Sections of distribution that have no meaning here or are not supported, and report it. */
export const legacy = {
  loglevel: ignored('deprecated by distribution; set log.level'),
  redis: ignored('nothing is cached in Redis; the metadata is in Postgres'),
  reporting: ignored('Bugsnag and New Relic are not reported to; use telemetry'),
  proxy: refused('pull-through caching'),
  database: refused(
    "GitLab's database of metadata; set postgres.url, or postgres.host with user and password",
  ),
  middleware: section('Middleware of distribution.', {
    registry: inactive('middleware around the registry', entry),
    repository: inactive('middleware around repositories', entry),
    storage: storageMiddleware,
  }).optional(),
  policy: refused('classes of repositories'),
  compatibility: section('Compatibility switches of distribution 2.', {
    schema1: section('Manifests of schema 1.', {
      enabled: ignored('manifests of schema 1 are not taken; clients have not written them since 2017'),
      signingkeyfile: text('Accepted and ignored.').optional(),
      trustkey: text('Accepted and ignored.').optional(),
    }).optional(),
  }).optional(),
};
