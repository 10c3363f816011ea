import { choice, flag, integer, word } from '@longshore/storage-remote';
import { z } from 'zod';

const mebibyte = 1024 * 1024;
/** The limits of a segment's size. A segment is gathered in memory before it is sent. Swift accepts none above 5 GiB. */
const segmentBounds = { minimum: mebibyte, maximum: 1024 * mebibyte };

const url = z
  .string()
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), {
    message: 'must be a URL with the scheme http or https',
  });

/** Accepts a list, or a text with commas. */
const methods = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(','))])
  .transform((list) => list.map((method) => method.trim().toUpperCase()).filter((method) => method !== ''));

/**
 * The parameters of distribution 2.8, with its defaults, and our own: application credentials, `userid`, `storagepolicy`, `dlo`, `cabundle`, limits.
 */
export const swiftParameters = z
  .strictObject({
    authurl: url,
    authversion: integer({ minimum: 1, maximum: 3 }).optional(),
    username: word().optional(),
    userid: word().optional(),
    password: word().optional(),
    applicationcredentialid: word().optional(),
    applicationcredentialname: word().optional(),
    applicationcredentialsecret: word().optional(),
    tenant: word().optional(),
    tenantid: word().optional(),
    domain: word().optional(),
    domainid: word().optional(),
    tenantdomain: word().optional(),
    tenantdomainid: word().optional(),
    trustid: word().optional(),
    region: word().optional(),
    endpointtype: choice(['public', 'internal', 'admin']).default('public'),
    insecureskipverify: flag().default(false),
    cabundle: word().optional(),
    container: word().refine((name) => !name.includes('/'), 'must not contain a slash'),
    storagepolicy: word().optional(),
    chunksize: integer(segmentBounds).default(20 * mebibyte),
    dlo: flag().default(false),
    prefix: z.string().default(''),
    accesskey: word().optional(),
    secretkey: word().optional(),
    tempurlcontainerkey: flag().default(false),
    tempurlmethods: methods.optional(),
    maxrequestspersecond: integer({ minimum: 1 }).optional(),
    maxretries: integer({ maximum: 100 }).default(5),
    maxconcurrency: integer({ minimum: 1 }).default(100),
  })
  .superRefine((parameters, context) => {
    for (const [key, message] of [...aboutCredentials(parameters), ...aboutScope(parameters)])
      context.addIssue({ code: 'custom', path: [key], message });
  });

export type SwiftParameters = z.output<typeof swiftParameters>;

/** A rule for parameters in combination. */
type Rule = readonly [applies: boolean, key: string, message: string];

function aboutCredentials(parameters: SwiftParameters): readonly (readonly [string, string])[] {
  const { username, userid, password } = parameters;
  const { applicationcredentialid: id, applicationcredentialname: name } = parameters;
  const secret = parameters.applicationcredentialsecret;
  const hasUser = username !== undefined || userid !== undefined;
  const isNamed = id !== undefined || name !== undefined;
  const isCredential = isNamed || secret !== undefined;
  return broken([
    [!isCredential && !hasUser, 'username', 'is needed, or an application credential'],
    [!isCredential && password === undefined, 'password', 'is needed with username'],
    [isCredential && password !== undefined, 'password', 'excludes an application credential'],
    [
      isNamed && secret === undefined,
      'applicationcredentialsecret',
      'is needed with an application credential',
    ],
    [isCredential && !isNamed, 'applicationcredentialid', 'is needed with applicationcredentialsecret'],
    [
      id === undefined && name !== undefined && !hasUser,
      'username',
      'is needed with applicationcredentialname',
    ],
    [userid !== undefined && username !== undefined, 'userid', 'excludes username'],
  ]);
}

function aboutScope(parameters: SwiftParameters): readonly (readonly [string, string])[] {
  const { trustid, tenant, tenantid, authversion = 3 } = parameters;
  const isCredential = parameters.applicationcredentialsecret !== undefined;
  const project = tenant ?? tenantid;
  const scope = project ?? trustid;
  return broken([
    [
      isCredential && scope !== undefined,
      'applicationcredentialid',
      'excludes tenant, tenantid and trustid: the credential has its project',
    ],
    [isCredential && authversion !== 3, 'authversion', 'must be 3 with an application credential'],
    [trustid !== undefined && project !== undefined, 'trustid', 'excludes tenant and tenantid'],
    [trustid !== undefined && authversion !== 3, 'authversion', 'must be 3 with trustid'],
  ]);
}

function broken(rules: readonly Rule[]): readonly (readonly [string, string])[] {
  return rules.filter(([applies]) => applies).map(([, key, message]) => [key, message] as const);
}
