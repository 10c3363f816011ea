import { choice, defaulting, duration, flag, list, section, text, url } from '@longshore/fields';
import type { StorageMiddleware } from '@longshore/stores';
import type { z } from 'zod';

const options = section('Options. Each belongs to one kind of entry.', {
  baseurl: url('cloudfront, redirect: URL below which the objects are found.').optional(),
  privatekey: text('cloudfront: file with the private key that signs URLs.').optional(),
  keypairid: text('cloudfront: id of the key pair.').optional(),
  duration: defaulting(duration('cloudfront: life of a URL.', { minimum: 60_000 }), '20m'),
  ipfilteredby: defaulting(
    choice('cloudfront: clients that are redirected to the store itself.', ['none', 'aws', 'awsregion']),
    'none',
  ),
  awsregion: list('cloudfront: the regions of these clients.', text('A region.'), {
    separated: true,
  }).default([]),
  updatefrequency: defaulting(
    duration('cloudfront: how often the addresses of AWS are fetched.', { minimum: 1000 }),
    '12h',
  ),
  iprangesurl: defaulting(
    url('cloudfront: URL of the addresses of AWS.'),
    'https://ip-ranges.amazonaws.com/ip-ranges.json',
  ),
  scheme: text('rewrite: scheme of the URL.').optional(),
  host: text('rewrite: host of the URL.').optional(),
  trimpathprefix: text('rewrite: prefix to remove from the path.').optional(),
});

const needed: Readonly<Record<string, readonly (keyof z.output<typeof options>)[]>> = {
  cloudfront: ['baseurl', 'privatekey', 'keypairid'],
  redirect: ['baseurl'],
};

const entry = section('An entry.', {
  name: choice('Kind of the entry.', ['cloudfront', 'redirect', 'rewrite']),
  disabled: defaulting(flag('Switch the entry off.'), 'false'),
  options: options.prefault({}),
}).superRefine(({ name, disabled, options: given }, context) => {
  const missing = (needed[name] ?? []).filter((key) => given[key] === undefined);
  for (const key of disabled ? [] : missing)
    context.addIssue({ code: 'custom', path: ['options', key], message: `is required by ${name}` });
});

/** Middleware that changes the URLs of redirects, in this order. */
export const storageMiddleware = list(
  'Entries that change the URLs of redirects, applied in order.',
  entry,
).default([]);

type Entry = z.output<typeof entry>;
type Options = Entry['options'];

/** Returns the enabled entries, in the form that `createStorageDriver` takes. */
export function storageMiddlewareOf(entries: readonly Entry[] = []): StorageMiddleware[] {
  return entries.filter(({ disabled }) => !disabled).map(({ name, options: given }) => typed(name, given));
}

function typed(name: Entry['name'], given: Options): StorageMiddleware {
  const { baseurl = '', privatekey = '', keypairid = '' } = given;
  switch (name) {
    case 'cloudfront':
      return { name, options: { ...given, baseurl, privatekey, keypairid } };
    case 'redirect':
      return { name, options: { baseurl } };
    case 'rewrite':
      return { name, options: given };
  }
}
