import { isIP } from 'node:net';
import { choice, defaulting, duration, flag, secret, section, text, url, word } from '@longshore/fields';
import {
  cabundle,
  chunksize,
  maxconcurrency,
  maxrequestspersecond,
  maxretries,
  skipverify,
} from '@longshore/storage-remote/parameters';
import type { z } from 'zod';
import { endpointHost } from './oss-address.ts';

/** Milliseconds. A bare number counts as seconds, so the maximum refuses one that was meant as milliseconds. */
const timeoutLimits = { minimum: 1000, maximum: 600_000 };

/** The parameters of distribution 2.8 and of GitLab's registry, with their defaults, and more. */
export const ossFields = section('Alibaba Cloud OSS.', {
  accesskeyid: secret(
    'Access key id. Without it the usual Alibaba Cloud sources are used: the environment, the role of the service account (RRSA), the role of the instance.',
  ).optional(),
  accesskeysecret: secret('Access key secret.').optional(),
  securitytoken: secret('Token of temporary credentials (STS).').optional(),
  ramrole: word('RAM role of the instance. Default: the role that is attached to it.').optional(),
  metadataendpoint: defaulting(
    url('URL of the metadata service, for the role of the instance.'),
    'http://100.100.100.200',
  ),
  stsendpoint: defaulting(
    url('URL of the Security Token Service, for the role of the service account.'),
    'https://sts.aliyuncs.com',
  ),
  region: word('Region of the bucket; required unless endpoint is set.')
    .regex(/^[a-z0-9-]+$/, 'must be the name of a region, such as oss-cn-hangzhou')
    .optional(),
  bucket: word('The bucket.').regex(
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    'must be the name of a bucket: 3 to 63 lower-case letters, digits and hyphens',
  ),
  endpoint: word('Endpoint, with or without the bucket in front, if it does not follow from the region.', {
    reachedByClients: true,
  }).optional(),
  redirectendpoint: word(
    'Endpoint in signed URLs, if clients reach the store by another one than the registry.',
  ).optional(),
  internal: defaulting(flag('Use the endpoint inside the region.'), 'false'),
  cname: flag(
    'The endpoint names the bucket. On by default for endpoints outside aliyuncs.com that do not begin with the bucket.',
  ).optional(),
  forcepathstyle: defaulting(flag('Put the bucket in the path instead of the host name.'), 'false'),
  encrypt: defaulting(flag('Request encryption at rest.'), 'false'),
  encryptionkeyid: word('KMS key for encryption.').optional(),
  secure: defaulting(flag('Use TLS.'), 'true'),
  skipverify,
  cabundle,
  signatureversion: choice('Signature version. Default: v4 if the region is known.', ['v1', 'v4']).optional(),
  chunksize,
  rootdirectory: defaulting(
    text('Directory of the objects, or prefix of their keys.').refine(
      (path) => !/(^|\/)\.{1,2}(\/|$)/.test(path),
      'must not have the segments . and ..',
    ),
    '',
  ),
  maxretries,
  maxrequestspersecond,
  maxconcurrency,
  timeout: defaulting(
    duration('Longest time without progress before a request is aborted.', timeoutLimits),
    '30s',
  ),
});

export type OssParameters = z.output<typeof ossFields>;

/** The same with what only shows when parameters are seen together: secrets, too, which are not everywhere. */
export const ossParameters = ossFields.superRefine((given, context) => {
  const refuse: Refuse = (key, message) => context.addIssue({ code: 'custom', path: [key], message });
  if (given.accesskeyid !== undefined && given.accesskeysecret === undefined)
    refuse('accesskeysecret', 'is missing beside accesskeyid');
  if (given.accesskeyid === undefined && given.accesskeysecret !== undefined)
    refuse('accesskeyid', 'is missing beside accesskeysecret');
  if (given.accesskeyid === undefined && given.securitytoken !== undefined)
    refuse('securitytoken', 'belongs to an accesskeyid and an accesskeysecret, which are missing');
  if (given.accesskeyid !== undefined && given.ramrole !== undefined)
    refuse('ramrole', 'is another way to sign in than accesskeyid: one of them must go');
  if (given.encryptionkeyid !== undefined && !given.encrypt)
    refuse('encryptionkeyid', 'is of use only with encrypt: true');
  refuseWrongPlace(given, refuse);
});

type Refuse = (key: keyof OssParameters, message: string) => void;

function refuseWrongPlace(given: OssParameters, refuse: Refuse): void {
  const { region, endpoint, cname = false, forcepathstyle, signatureversion } = given;
  if (region === undefined && endpoint === undefined)
    refuse('region', 'is missing: the endpoint follows from it');
  if (region === undefined && signatureversion === 'v4')
    refuse('region', 'is missing: signatures of version 4 are made for a region');
  if (cname && endpoint === undefined) refuse('endpoint', 'is missing: it is the name of the bucket (cname)');
  if (cname && forcepathstyle)
    refuse('forcepathstyle', 'contradicts cname: a name of the bucket has it not in the path');
  refuseWrongHost(given, refuse);
}

function refuseWrongHost(given: OssParameters, refuse: Refuse): void {
  const { cname = false, forcepathstyle } = given;
  for (const key of ['endpoint', 'redirectendpoint'] as const) {
    const host = given[key] === undefined ? '' : endpointHost(given[key]);
    if (host === undefined) refuse(key, 'must be a host name or a URL with the scheme http or https');
    else if (isIP(host) !== 0 && !forcepathstyle && !cname)
      refuse(key, 'is an address, below which a bucket has no name: set forcepathstyle or cname');
  }
}
