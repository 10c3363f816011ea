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
  maxconcurrency,
  maxrequestspersecond,
  maxretries,
  skipverify,
} from '@longshore/storage-remote/parameters';
import type { z } from 'zod';

const mebibyte = 1024 * 1024;

/**
 * The parameters of distribution 2.8, with its defaults, and our own: application credentials, `userid`, `storagepolicy`, `dlo`, `cabundle`, limits.
 */
export const swiftFields = section('OpenStack Swift.', {
  authurl: url('URL of Keystone, or of auth v1 (`…/auth/v1.0`).', { reachedByClients: true }),
  authversion: integer('Version of authentication. Detected if unset.', {
    minimum: 1,
    maximum: 3,
  }).optional(),
  username: word('User by name; with auth v1 `account:user`.').optional(),
  userid: word('User by id, instead of the name.').optional(),
  password: secret("The user's password.").optional(),
  applicationcredentialid: word('Application credential by id, instead of user and password.').optional(),
  applicationcredentialname: word('Application credential by name, with its user.').optional(),
  applicationcredentialsecret: secret('Secret of the application credential.').optional(),
  tenant: word('Project by name.').optional(),
  tenantid: word('Project by id.').optional(),
  domain: word('Domain of the user, by name.').optional(),
  domainid: word('Domain of the user, by id. Default: `default`, unless domain is set.').optional(),
  tenantdomain: word("Domain of the project, by name. Default: the user's domain.").optional(),
  tenantdomainid: word('Domain of the project, by id.').optional(),
  trustid: word('Keystone trust, instead of a project.').optional(),
  region: word('Region of the object store. Default: the first one of the catalog.').optional(),
  endpointtype: defaulting(
    choice('Kind of endpoint to use from the catalog.', ['public', 'internal', 'admin']),
    'public',
  ),
  insecureskipverify: skipverify,
  cabundle,
  container: word('The container. Created if it is missing.').refine(
    (name) => !name.includes('/'),
    'must not contain a slash',
  ),
  storagepolicy: word('Storage policy of a container that the registry creates.').optional(),
  chunksize: defaulting(
    byteSize('Segment size, at most 1GiB. Each upload holds one segment in memory, or two of up to 12MiB.', {
      minimum: mebibyte,
      maximum: 1024 * mebibyte,
    }),
    '20MiB',
  ),
  dlo: defaulting(flag('Use dynamic large objects although the service supports static ones.'), 'false'),
  prefix: defaulting(text('Prefix of every object.'), ''),
  accesskey: secret('Name of the signing key, if the service requires one in temporary URLs.').optional(),
  secretkey: secret(
    'Key that signs temporary URLs. Default: the key that is set in Swift, or a new one.',
  ).optional(),
  tempurlcontainerkey: defaulting(
    flag("Use the container's signing key even if the service does not report its version."),
    'false',
  ),
  tempurlmethods: word('Methods allowed in temporary URLs, if the service does not report them.').optional(),
  maxrequestspersecond,
  maxretries,
  maxconcurrency,
});

/** The same with what only shows when parameters are seen together: secrets, too, which are not everywhere. */
export const swiftParameters = swiftFields.superRefine((parameters, context) => {
  for (const [key, message] of [...aboutCredentials(parameters), ...aboutScope(parameters)])
    context.addIssue({ code: 'custom', path: [key], message });
});

export type SwiftParameters = z.output<typeof swiftParameters>;

/** A rule for parameters in combination. */
type Rule = readonly [applies: boolean, key: string, message: string];

function aboutCredentials(parameters: SwiftParameters): readonly (readonly [string, string])[] {
  const { username, userid, password } = parameters;
  const { applicationcredentialid: id, applicationcredentialname: name } = parameters;
  const credentialSecret = parameters.applicationcredentialsecret;
  const hasUser = username !== undefined || userid !== undefined;
  const isNamed = id !== undefined || name !== undefined;
  const isCredential = isNamed || credentialSecret !== undefined;
  return broken([
    [!isCredential && !hasUser, 'username', 'is needed, or an application credential'],
    [!isCredential && password === undefined, 'password', 'is needed with username'],
    [isCredential && password !== undefined, 'password', 'excludes an application credential'],
    [
      isNamed && credentialSecret === undefined,
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
