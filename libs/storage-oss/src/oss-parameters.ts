import { isIP } from 'node:net';
import { choice, flag, integer, word } from '@longshore/storage-remote';
import { z } from 'zod';
import { endpointHost } from './oss-address.ts';

const mebibyte = 1024 * 1024;
const url = z.url({ protocol: /^https?$/, error: 'must be a URL with the scheme http or https' });

const fields = z.strictObject({
  accesskeyid: word().optional(),
  accesskeysecret: word().optional(),
  securitytoken: word().optional(),
  ramrole: word().optional(),
  metadataendpoint: url.default('http://100.100.100.200'),
  stsendpoint: url.default('https://sts.aliyuncs.com'),
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'must be the name of a region, such as oss-cn-hangzhou')
    .optional(),
  bucket: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
      'must be the name of a bucket: 3 to 63 lower-case letters, digits and hyphens',
    ),
  endpoint: word().optional(),
  redirectendpoint: word().optional(),
  internal: flag().default(false),
  cname: flag().optional(),
  forcepathstyle: flag().default(false),
  encrypt: flag().default(false),
  encryptionkeyid: word().optional(),
  secure: flag().default(true),
  skipverify: flag().default(false),
  cabundle: word().optional(),
  signatureversion: choice(['v1', 'v4']).optional(),
  chunksize: integer({ minimum: 5 * mebibyte, maximum: 1024 * mebibyte }).default(10 * mebibyte),
  rootdirectory: z
    .string()
    .refine((path) => !/(^|\/)\.{1,2}(\/|$)/.test(path), 'must not have the segments . and ..')
    .default(''),
  maxretries: integer({ maximum: 100 }).default(5),
  maxrequestspersecond: integer({ minimum: 1 }).optional(),
  maxconcurrency: integer({ minimum: 1 }).default(100),
  // Milliseconds.
  timeout: integer({ minimum: 1000 }).default(30_000),
});

export type OssParameters = z.output<typeof fields>;

/** The parameters of distribution 2.8 and of GitLab's registry, with their defaults, and more. */
export const ossParameters = fields.superRefine((given, context) => {
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
