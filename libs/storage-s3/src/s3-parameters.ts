import {
  byteSize,
  choice,
  defaulting,
  flag,
  integer,
  secret,
  section,
  text,
  url,
  word,
} from '@longshore/fields';
import {
  cabundle,
  chunksize,
  maxconcurrency,
  maxrequestspersecond,
  maxretries,
  skipverify,
} from '@longshore/storage-remote/parameters';
import type { z } from 'zod';

const neverCopies = 'Accepted and without effect: the registry copies no objects.';

/** The parameters of distribution's S3 driver, with its defaults, and our own: `checksums`, `ssecustomerkey`, `cabundle`, `maxconcurrency`. */
export const s3Fields = section('Amazon S3, or a service that speaks its protocol.', {
  accesskey: secret('Access key. Without it the usual AWS sources are used.').optional(),
  secretkey: secret('Secret key.').optional(),
  sessiontoken: secret('Session token of temporary credentials.').optional(),
  region: word('Region of the bucket; required unless regionendpoint is set.').optional(),
  regionendpoint: url('Endpoint of a service other than AWS.', { reachedByClients: true }).optional(),
  redirectendpoint: url(
    'Endpoint in signed URLs, if clients reach the store by another one than the registry.',
  ).optional(),
  forcepathstyle: flag(
    'Put the bucket in the path instead of the host name. On by default with regionendpoint.',
  ).optional(),
  bucket: word('The bucket.'),
  encrypt: defaulting(flag('Request encryption at rest.'), 'false'),
  keyid: word('KMS key for encryption. Requires encrypt.').optional(),
  ssecustomerkey: secret(
    'Customer key for encryption by the store (SSE-C): 32 bytes in base64. With it clients are not redirected.',
  )
    .refine((key) => Buffer.from(key, 'base64').byteLength === 32, 'must be 32 bytes in base64')
    .optional(),
  secure: defaulting(flag('Use TLS to AWS.'), 'true'),
  skipverify,
  cabundle,
  checksums: choice(
    'Whether uploads carry a CRC32 beside the signed SHA-256 of their body. Some older services refuse it. Default: `always` unless regionendpoint is set.',
    ['required', 'always'],
  ).optional(),
  v4auth: defaulting(
    flag('Must be true: only signature version 4 is supported.').refine(
      (on) => on,
      'must be true: signature version 2 is not spoken',
    ),
    'true',
  ),
  chunksize,
  multipartcopychunksize: byteSize(`Part size of a copy. ${neverCopies}`).optional(),
  multipartcopymaxconcurrency: integer(`Concurrent parts of one copy. ${neverCopies}`).optional(),
  multipartcopythresholdsize: byteSize(
    `Size above which objects are copied in parts. ${neverCopies}`,
  ).optional(),
  rootdirectory: defaulting(text('Directory of the objects, or prefix of their keys.'), ''),
  storageclass: defaulting(
    choice('Storage class of new objects. With STANDARD and NONE the store chooses.', [
      'NONE',
      'STANDARD',
      'REDUCED_REDUNDANCY',
      'STANDARD_IA',
      'ONEZONE_IA',
      'INTELLIGENT_TIERING',
      'OUTPOSTS',
      'GLACIER_IR',
      'EXPRESS_ONEZONE',
    ]),
    'STANDARD',
  ),
  useragent: word('Added to the User-Agent of requests.').optional(),
  objectacl: defaulting(
    choice('Canned ACL of new objects. With private no ACL is sent, as buckets without ACLs require.', [
      'private',
      'public-read',
      'public-read-write',
      'authenticated-read',
      'aws-exec-read',
      'bucket-owner-read',
      'bucket-owner-full-control',
    ]),
    'private',
  ),
  usedualstack: defaulting(flag('Use the dual-stack endpoint.'), 'false'),
  accelerate: defaulting(flag('Use S3 Transfer Acceleration.'), 'false'),
  usefipsendpoint: defaulting(flag('Use the FIPS endpoint.'), 'false'),
  loglevel: defaulting(
    choice('Any value except off writes a line to standard error for each request.', [
      'off',
      'debug',
      'debugwithsigning',
      'debugwithhttpbody',
      'debugwithrequestretries',
      'debugwithrequesterrors',
      'debugwitheventstreambody',
    ]),
    'off',
  ),
  maxrequestspersecond,
  maxretries,
  maxconcurrency,
});

/** The same with what only shows when parameters are seen together: secrets, too, which are not everywhere. */
export const s3Parameters = s3Fields.superRefine((parameters, context) => {
  for (const [key, message] of contradictions(parameters))
    context.addIssue({ code: 'custom', path: [key], message });
});

export type S3Parameters = z.output<typeof s3Parameters>;

/** The parameters that are checked in combination. */
type SeenTogether = Partial<S3Parameters>;

function contradictions(parameters: SeenTogether): readonly (readonly [string, string])[] {
  const { region, regionendpoint, accesskey, secretkey, sessiontoken, encrypt, keyid, ssecustomerkey } =
    parameters;
  const { accelerate, forcepathstyle, usedualstack, usefipsendpoint } = parameters;
  const isElsewhere = regionendpoint !== undefined;
  const rules: readonly (readonly [boolean, string, string])[] = [
    [
      region === undefined && !isElsewhere,
      'region',
      'is needed, unless regionendpoint names another service',
    ],
    [accesskey !== undefined && secretkey === undefined, 'secretkey', 'is needed with accesskey'],
    [accesskey === undefined && secretkey !== undefined, 'accesskey', 'is needed with secretkey'],
    [sessiontoken !== undefined && accesskey === undefined, 'sessiontoken', 'needs accesskey and secretkey'],
    [keyid !== undefined && encrypt !== true, 'keyid', 'needs encrypt: true'],
    [ssecustomerkey !== undefined && encrypt === true, 'ssecustomerkey', 'excludes encrypt'],
    [accelerate === true && isElsewhere, 'accelerate', 'excludes regionendpoint'],
    [accelerate === true && forcepathstyle === true, 'accelerate', 'excludes forcepathstyle'],
    [usedualstack === true && isElsewhere, 'usedualstack', 'excludes regionendpoint'],
    [usefipsendpoint === true && isElsewhere, 'usefipsendpoint', 'excludes regionendpoint'],
  ];
  return rules.filter(([applies]) => applies).map(([, key, message]) => [key, message] as const);
}
