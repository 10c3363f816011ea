import {
  always,
  byteSize,
  choice,
  defaulting,
  duration,
  flag,
  integer,
  secret,
  section,
  text,
  url,
} from '@longshore/fields';

const rootdirectory = (fallback: string) =>
  defaulting(text('Directory of the objects, or prefix of their keys.'), fallback);
const mebibyte = 1024 * 1024;
/** S3 and OSS accept no part outside these bounds. */
const partBounds = { minimum: 5 * mebibyte, maximum: 1024 * mebibyte };

const filesystem = section('Files below one directory.', {
  rootdirectory: rootdirectory('/var/lib/registry'),
  maxthreads: defaulting(integer('Concurrent operations on files.', { minimum: 25 }), '100'),
});

const inmemory = section('Memory of one process; for tests.', {});

const neverCopies = 'Accepted and without effect: the registry copies no objects.';

const s3 = section('Amazon S3, or a service that speaks its protocol.', {
  accesskey: secret('Access key. Without it the usual AWS sources are used.').optional(),
  secretkey: secret('Secret key.').optional(),
  sessiontoken: secret('Session token of temporary credentials.').optional(),
  region: text('Region of the bucket; required unless regionendpoint is set.').optional(),
  regionendpoint: url('Endpoint of a service other than AWS.').optional(),
  redirectendpoint: url(
    'Endpoint in signed URLs, if clients reach the store by another one than the registry.',
  ).optional(),
  forcepathstyle: flag(
    'Put the bucket in the path instead of the host name. On by default with regionendpoint.',
  ).optional(),
  bucket: text('The bucket.'),
  encrypt: defaulting(flag('Request encryption at rest.'), 'false'),
  keyid: text('KMS key for encryption. Requires encrypt.').optional(),
  ssecustomerkey: secret(
    'Customer key for encryption by the store (SSE-C): 32 bytes in base64. With it clients are not redirected.',
  ).optional(),
  secure: defaulting(flag('Use TLS to AWS.'), 'true'),
  skipverify: defaulting(flag('Do not verify the certificate of the endpoint.'), 'false'),
  cabundle: text("File of certificates to trust instead of the system's.").optional(),
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
  chunksize: defaulting(byteSize('Part size of an upload.', partBounds), '10MiB'),
  multipartcopychunksize: byteSize(`Part size of a copy. ${neverCopies}`).optional(),
  multipartcopymaxconcurrency: integer(`Concurrent parts of one copy. ${neverCopies}`).optional(),
  multipartcopythresholdsize: byteSize(
    `Size above which objects are copied in parts. ${neverCopies}`,
  ).optional(),
  rootdirectory: rootdirectory(''),
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
  useragent: text('Added to the User-Agent of requests.').optional(),
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
  maxrequestspersecond: integer('Most requests per second to the store, per process.', {
    minimum: 1,
  }).optional(),
  maxretries: defaulting(integer('Retries after the first attempt.', { maximum: 100 }), '5'),
  maxconcurrency: defaulting(
    integer('Concurrent requests to the store, per process.', { minimum: 1 }),
    '100',
  ),
});

const azure = section('Azure Blob Storage.', {
  accountname: text('The storage account.').optional(),
  accountkey: secret(
    'Shared key of the account. Without any credential the workload identity is used.',
  ).optional(),
  container: text('The container.'),
  credentials: section('Authentication other than by the shared key.', {
    type: choice('Kind of authentication.', ['client_secret', 'shared_key', 'default_credentials']),
    clientid: text('Client id of the application.').optional(),
    tenantid: text('Tenant of the application.').optional(),
    secret: secret('Secret of the application.').optional(),
  }).optional(),
  sastoken: secret(
    'Shared access signature, instead of the key. With it clients are not redirected.',
  ).optional(),
  connectionstring: secret('Connection string, instead of accountname and accountkey.').optional(),
  realm: defaulting(text('Domain of the cloud.'), 'core.windows.net'),
  serviceurl: url('Endpoint of the account, if it does not follow from accountname and realm.').optional(),
  rootdirectory: rootdirectory(''),
  chunksize: defaulting(
    byteSize('Block size of an upload, at most 64MiB. A smaller blob takes one request.', {
      minimum: mebibyte,
      maximum: 64 * mebibyte,
    }),
    '4MiB',
  ),
  max_retries: defaulting(
    integer('Retries after the first attempt; -1 for none.', { minimum: -1, maximum: 100 }),
    '5',
  ),
  retry_delay: defaulting(duration('Delay before the first retry.'), '100ms'),
  maxrequestspersecond: integer('Most requests per second to the store, per process.', {
    minimum: 1,
  }).optional(),
  maxconcurrency: defaulting(
    integer('Concurrent requests to the store, per process.', { minimum: 1 }),
    '100',
  ),
  skipverify: defaulting(flag('Do not verify the certificate of the endpoint.'), 'false'),
  cabundle: text("File of certificates to trust instead of the system's.").optional(),
});

const swift = section('OpenStack Swift.', {
  authurl: url('URL of Keystone, or of auth v1 (`…/auth/v1.0`).'),
  authversion: integer('Version of authentication. Detected if unset.', {
    minimum: 1,
    maximum: 3,
  }).optional(),
  username: text('User by name; with auth v1 `account:user`.').optional(),
  userid: text('User by id, instead of the name.').optional(),
  password: secret("The user's password.").optional(),
  applicationcredentialid: text('Application credential by id, instead of user and password.').optional(),
  applicationcredentialname: text('Application credential by name, with its user.').optional(),
  applicationcredentialsecret: secret('Secret of the application credential.').optional(),
  tenant: text('Project by name.').optional(),
  tenantid: text('Project by id.').optional(),
  domain: text('Domain of the user, by name.').optional(),
  domainid: text('Domain of the user, by id. Default: `default`, unless domain is set.').optional(),
  tenantdomain: text("Domain of the project, by name. Default: the user's domain.").optional(),
  tenantdomainid: text('Domain of the project, by id.').optional(),
  trustid: text('Keystone trust, instead of a project.').optional(),
  region: text('Region of the object store. Default: the first one of the catalog.').optional(),
  endpointtype: defaulting(
    choice('Kind of endpoint to use from the catalog.', ['public', 'internal', 'admin']),
    'public',
  ),
  insecureskipverify: defaulting(flag('Do not verify the certificate of the endpoint.'), 'false'),
  cabundle: text("File of certificates to trust instead of the system's.").optional(),
  container: text('The container. Created if it is missing.'),
  storagepolicy: text('Storage policy of a container that the registry creates.').optional(),
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
  tempurlmethods: text('Methods allowed in temporary URLs, if the service does not report them.').optional(),
  maxrequestspersecond: integer('Most requests per second to the store, per process.', {
    minimum: 1,
  }).optional(),
  maxretries: defaulting(integer('Retries after the first attempt.', { maximum: 100 }), '5'),
  maxconcurrency: defaulting(
    integer('Concurrent requests to the store, per process.', { minimum: 1 }),
    '100',
  ),
});

const oss = section('Alibaba Cloud OSS.', {
  accesskeyid: secret(
    'Access key id. Without it the usual Alibaba Cloud sources are used: the environment, the role of the service account (RRSA), the role of the instance.',
  ).optional(),
  accesskeysecret: secret('Access key secret.').optional(),
  securitytoken: secret('Token of temporary credentials (STS).').optional(),
  ramrole: text('RAM role of the instance. Default: the role that is attached to it.').optional(),
  metadataendpoint: defaulting(
    url('URL of the metadata service, for the role of the instance.'),
    'http://100.100.100.200',
  ),
  stsendpoint: defaulting(
    url('URL of the Security Token Service, for the role of the service account.'),
    'https://sts.aliyuncs.com',
  ),
  region: text('Region of the bucket; required unless endpoint is set.').optional(),
  bucket: text('The bucket.'),
  endpoint: text(
    'Endpoint, with or without the bucket in front, if it does not follow from the region.',
  ).optional(),
  redirectendpoint: text(
    'Endpoint in signed URLs, if clients reach the store by another one than the registry.',
  ).optional(),
  internal: defaulting(flag('Use the endpoint inside the region.'), 'false'),
  cname: flag(
    'The endpoint names the bucket. On by default for endpoints outside aliyuncs.com that do not begin with the bucket.',
  ).optional(),
  forcepathstyle: defaulting(flag('Put the bucket in the path instead of the host name.'), 'false'),
  encrypt: defaulting(flag('Request encryption at rest.'), 'false'),
  encryptionkeyid: text('KMS key for encryption.').optional(),
  secure: defaulting(flag('Use TLS.'), 'true'),
  skipverify: defaulting(flag('Do not verify the certificate of the endpoint.'), 'false'),
  cabundle: text("File of certificates to trust instead of the system's.").optional(),
  signatureversion: choice('Signature version. Default: v4 if the region is known.', ['v1', 'v4']).optional(),
  chunksize: defaulting(byteSize('Part size of an upload.', partBounds), '10MiB'),
  rootdirectory: rootdirectory(''),
  maxretries: defaulting(integer('Retries after the first attempt.', { maximum: 100 }), '5'),
  maxrequestspersecond: integer('Most requests per second to the store, per process.', {
    minimum: 1,
  }).optional(),
  maxconcurrency: defaulting(
    integer('Concurrent requests to the store, per process.', { minimum: 1 }),
    '100',
  ),
  timeout: defaulting(
    duration('Longest time without progress before a request is aborted.', { minimum: 1000 }),
    '30s',
  ),
});

export const drivers = { filesystem, inmemory, s3, azure, swift, oss };
export const driverSections = {
  filesystem: filesystem.optional(),
  inmemory: inmemory.optional(),
  s3: s3.optional(),
  azure: azure.optional(),
  swift: swift.optional(),
  oss: oss.optional(),
};

export const maintenance = always(
  section('Removal of abandoned uploads, and read-only mode.', {
    uploadpurging: always(
      section('Removal of unfinished uploads.', {
        enabled: defaulting(flag('Remove unfinished uploads.'), 'true'),
        age: defaulting(duration('Age at which an idle upload is removed.', { minimum: 1 }), '168h'),
        interval: defaulting(
          duration(
            'How often the store is searched for leftover parts. Expired sessions are ended at gc.interval.',
            { minimum: 1 },
          ),
          '24h',
        ),
        dryrun: defaulting(flag('Remove nothing, like enabled: false.'), 'false'),
      }),
    ),
    readonly: always(
      section('Refuse every write.', {
        enabled: defaulting(flag('Refuse pushes and deletions with 405 UNSUPPORTED.'), 'false'),
      }),
    ),
  }),
);
