import { choice, defaulting, duration, flag, list, section, text, url } from '@longshore/fields';
import type { z } from 'zod';

const options = section('Options; each belongs to one of the names.', {
  baseurl: url('cloudfront, redirect: where the objects are found, below this URL.').optional(),
  privatekey: text('cloudfront: file of the private key that signs.').optional(),
  keypairid: text('cloudfront: id of the key pair.').optional(),
  duration: defaulting(duration('cloudfront: how long a URL is good for.', { minimum: 60_000 }), '20m'),
  ipfilteredby: defaulting(
    choice('cloudfront: clients that are sent to the store itself.', ['none', 'aws', 'awsregion']),
    'none',
  ),
  awsregion: list('cloudfront: the regions of these clients.', text('A region.'), {
    separated: true,
  }).default([]),
  updatefrequency: defaulting(
    duration('cloudfront: how often the addresses of AWS are asked for.', { minimum: 1000 }),
    '12h',
  ),
  iprangesurl: defaulting(
    url('cloudfront: where they are published.'),
    'https://ip-ranges.amazonaws.com/ip-ranges.json',
  ),
  scheme: text('rewrite: scheme of the URL.').optional(),
  host: text('rewrite: host of the URL.').optional(),
  trimpathprefix: text('rewrite: beginning of the path that is taken away.').optional(),
});

const needed: Readonly<Record<string, readonly (keyof z.output<typeof options>)[]>> = {
  cloudfront: ['baseurl', 'privatekey', 'keypairid'],
  redirect: ['baseurl'],
};

const entry = section('An entry.', {
  name: choice('What it does.', ['cloudfront', 'redirect', 'rewrite']),
  disabled: defaulting(flag('Leave it out.'), 'false'),
  options: options.prefault({}),
}).superRefine(({ name, disabled, options: given }, context) => {
  const missing = (needed[name] ?? []).filter((key) => given[key] === undefined);
  for (const key of disabled ? [] : missing)
    context.addIssue({ code: 'custom', path: ['options', key], message: `is required by ${name}` });
});

/** What changes the URLs that clients are redirected to, in this order. */
export const storageMiddleware = list(
  'Changes where clients are redirected to, one after the other.',
  entry,
).default([]);

type Entry = z.output<typeof entry>;
type Options = Entry['options'];
type CloudFront = Omit<Options, 'baseurl' | 'privatekey' | 'keypairid'> &
  Record<'baseurl' | 'privatekey' | 'keypairid', string>;

/** An entry with the options that its name needs. */
export type StorageMiddlewareEntry =
  | { readonly name: 'cloudfront'; readonly options: CloudFront }
  | { readonly name: 'redirect'; readonly options: { readonly baseurl: string } }
  | { readonly name: 'rewrite'; readonly options: Options };

/** The entries that are switched on, in the form that `createStorageDriver` takes. */
export function storageMiddlewareOf(entries: readonly Entry[] = []): StorageMiddlewareEntry[] {
  return entries.filter(({ disabled }) => !disabled).map(({ name, options: given }) => typed(name, given));
}

function typed(name: Entry['name'], given: Options): StorageMiddlewareEntry {
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
