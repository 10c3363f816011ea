import { choice, flag, integer, word } from '@longshore/storage-remote';
import { z } from 'zod';

const mebibyte = 1024 * 1024;
/** The limits of a part's size in bytes. S3 accepts no smaller part. */
const partBounds = { minimum: 5 * mebibyte, maximum: 1024 * mebibyte };

const storageClasses = [
  'NONE',
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'OUTPOSTS',
  'GLACIER_IR',
  'EXPRESS_ONEZONE',
] as const;

const acls = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const;

const logLevels = [
  'off',
  'debug',
  'debugwithsigning',
  'debugwithhttpbody',
  'debugwithrequestretries',
  'debugwithrequesterrors',
  'debugwitheventstreambody',
] as const;

const endpoint = z
  .string()
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), {
    message: 'must be a URL with the scheme http or https',
  });

const customerKey = z.string().refine((text) => Buffer.from(text, 'base64').byteLength === 32, {
  message: 'must be 32 bytes in base64',
});

/** The parameters of distribution's S3 driver, with its defaults, and our own: `checksums`, `ssecustomerkey`, `cabundle`, `maxconcurrency`. */
export const s3Parameters = z
  .strictObject({
    accesskey: word().optional(),
    secretkey: word().optional(),
    sessiontoken: word().optional(),
    region: word().optional(),
    regionendpoint: endpoint.optional(),
    redirectendpoint: endpoint.optional(),
    forcepathstyle: flag().optional(),
    bucket: word(),
    encrypt: flag().default(false),
    keyid: word().optional(),
    ssecustomerkey: customerKey.optional(),
    secure: flag().default(true),
    skipverify: flag().default(false),
    cabundle: word().optional(),
    v4auth: flag()
      .default(true)
      .refine((on) => on, 'must be true: signature version 2 is not spoken'),
    checksums: choice(['required', 'always']).optional(),
    chunksize: integer(partBounds).default(10 * mebibyte),
    // Accepted without effect: no object is ever copied (docs/adr/0009).
    multipartcopychunksize: integer().optional(),
    multipartcopymaxconcurrency: integer().optional(),
    multipartcopythresholdsize: integer().optional(),
    rootdirectory: z.string().default(''),
    storageclass: choice(storageClasses).default('STANDARD'),
    useragent: word().optional(),
    objectacl: choice(acls).default('private'),
    usedualstack: flag().default(false),
    accelerate: flag().default(false),
    usefipsendpoint: flag().default(false),
    loglevel: choice(logLevels).default('off'),
    maxrequestspersecond: integer({ minimum: 1 }).optional(),
    maxretries: integer({ maximum: 100 }).default(5),
    maxconcurrency: integer({ minimum: 1 }).default(100),
  })
  .superRefine((parameters, context) => {
    for (const [key, message] of contradictions(parameters))
      context.addIssue({ code: 'custom', path: [key], message });
  });

export type S3Parameters = z.infer<typeof s3Parameters>;

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
