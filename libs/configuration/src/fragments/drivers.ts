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
  defaulting(text('Prefix of every object, or the directory.'), fallback);
const mebibyte = 1024 * 1024;
/** S3 and OSS take no smaller part, and none that is larger. */
const partBounds = { minimum: 5 * mebibyte, maximum: 1024 * mebibyte };

const filesystem = section('Files below one directory.', {
  rootdirectory: rootdirectory('/var/lib/registry'),
  maxthreads: defaulting(integer('Operations on files at the same time.', { minimum: 25 }), '100'),
});

const inmemory = section('Memory of one process; for tests.', {});

const neverCopies = 'Accepted, and without effect: nothing is ever copied.';

const s3 = section('Amazon S3, or a service that speaks its protocol.', {
  accesskey: secret('Access key; without it the usual AWS sources are asked.').optional(),
  secretkey: secret('Secret key.').optional(),
  sessiontoken: secret('Session token of temporary credentials.').optional(),
  region: text('Region of the bucket; required unless regionendpoint is set.').optional(),
  regionendpoint: url('Endpoint of another service than AWS.').optional(),
  redirectendpoint: url(
    'Endpoint that signed URLs point to, when clients reach another one than we do.',
  ).optional(),
  forcepathstyle: flag(
    'Write the bucket in the path instead of the host name. On by default with regionendpoint.',
  ).optional(),
  bucket: text('The bucket.'),
  encrypt: defaulting(flag('Ask for encryption at rest.'), 'false'),
  keyid: text('KMS key of the encryption; needs encrypt.').optional(),
  ssecustomerkey: secret(
    'Key of ours that the store encrypts with (SSE-C): 32 bytes in base64. Clients are then not redirected.',
  ).optional(),
  secure: defaulting(flag('Use TLS towards AWS.'), 'true'),
  skipverify: defaulting(flag('Do not verify the certificate of the endpoint.'), 'false'),
  cabundle: text("File of certificates to trust instead of the system's.").optional(),
  checksums: choice(
    'Whether uploads carry a CRC32 beside the signed SHA-256 of their body; services that only know older requests refuse it. `always` unless regionendpoint is set.',
    ['required', 'always'],
  ).optional(),
  v4auth: defaulting(
    flag('Must be true: signature version 4.').refine(
      (on) => on,
      'must be true: signature version 2 is not spoken',
    ),
    'true',
  ),
  chunksize: defaulting(byteSize('Size of a part of an upload.', partBounds), '10MiB'),
  multipartcopychunksize: byteSize(`Size of a part of a copy. ${neverCopies}`).optional(),
  multipartcopymaxconcurrency: integer(`Parts of one copy at the same time. ${neverCopies}`).optional(),
  multipartcopythresholdsize: byteSize(`Larger objects are copied in parts. ${neverCopies}`).optional(),
  rootdirectory: rootdirectory(''),
  storageclass: defaulting(
    choice("Storage class of new objects. With STANDARD and NONE it is the store's own choice.", [
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
    choice('Canned ACL of new objects. With private none is sent, as buckets without ACLs want it.', [
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
    choice('With any word but off, a line on standard error for each request.', [
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
  maxrequestspersecond: integer('Limit of requests to the store, of one process.', { minimum: 1 }).optional(),
  maxretries: defaulting(integer('Attempts after the first.', { maximum: 100 }), '5'),
  maxconcurrency: defaulting(
    integer('Requests to the store at the same time, of one process.', { minimum: 1 }),
    '100',
  ),
});

const azure = section('Azure Blob Storage.', {
  accountname: text('The storage account.').optional(),
  accountkey: secret(
    'Its shared key; without it, and without another credential, the identity of the workload signs in.',
  ).optional(),
  container: text('The container.'),
  credentials: section('Other ways to sign in than by the shared key.', {
    type: choice('How to sign in.', ['client_secret', 'shared_key', 'default_credentials']),
    clientid: text('Client id of the application.').optional(),
    tenantid: text('Its tenant.').optional(),
    secret: secret('Its secret.').optional(),
  }).optional(),
  sastoken: secret('Shared access signature, instead of the key; without redirects.').optional(),
  connectionstring: secret('Connection string, instead of account and key.').optional(),
  realm: defaulting(text('Domain of the cloud.'), 'core.windows.net'),
  serviceurl: url('Endpoint of the account, when it does not follow from name and realm.').optional(),
  rootdirectory: rootdirectory(''),
  chunksize: defaulting(
    byteSize('Size of a block of an upload, at most 64MiB; smaller blobs take one request.', {
      minimum: mebibyte,
      maximum: 64 * mebibyte,
    }),
    '4MiB',
  ),
  max_retries: defaulting(
    integer('Attempts after the first; -1 for none.', { minimum: -1, maximum: 100 }),
    '5',
  ),
  retry_delay: defaulting(duration('Wait before the first retry.'), '100ms'),
  maxrequestspersecond: integer('Limit of requests to the store.', { minimum: 1 }).optional(),
  maxconcurrency: defaulting(integer('Requests to the store at the same time.', { minimum: 1 }), '100'),
  skipverify: defaulting(flag('Do not verify the certificate of the endpoint.'), 'false'),
  cabundle: text("File of certificates to trust instead of the system's.").optional(),
});

const swift = section('OpenStack Swift.', {
  authurl: url('URL of Keystone, or of auth v1 (`…/auth/v1.0`).'),
  authversion: integer('Version of authentication; found out when absent.', {
    minimum: 1,
    maximum: 3,
  }).optional(),
  username: text('The user; with auth v1 `account:user`.').optional(),
  userid: text('The user by id, instead of the name.').optional(),
  password: secret("The user's password.").optional(),
  applicationcredentialid: text('Application credential by id, instead of user and password.').optional(),
  applicationcredentialname: text('Application credential by name, with its user.').optional(),
  applicationcredentialsecret: secret('Secret of the application credential.').optional(),
  tenant: text('Project by name.').optional(),
  tenantid: text('Project by id.').optional(),
  domain: text('Domain of the user, by name.').optional(),
  domainid: text('Domain of the user, by id; `default` unless one is told.').optional(),
  tenantdomain: text("Domain of the project, by name; the user's unless told.").optional(),
  tenantdomainid: text('Domain of the project, by id.').optional(),
  trustid: text('Keystone trust, instead of a project.').optional(),
  region: text('Region of the object store; the first of the catalog when absent.').optional(),
  endpointtype: defaulting(
    choice('Which endpoint of the catalog is used.', ['public', 'internal', 'admin']),
    'public',
  ),
  insecureskipverify: defaulting(flag('Do not verify the certificate of the endpoint.'), 'false'),
  cabundle: text("File of certificates to trust instead of the system's.").optional(),
  container: text('The container; made when it is missing.'),
  storagepolicy: text('Storage policy of the container, when it is made.').optional(),
  chunksize: defaulting(
    byteSize('Size of a segment; each upload holds one in memory, or two up to 12MiB. At most 1GiB.', {
      minimum: mebibyte,
      maximum: 1024 * mebibyte,
    }),
    '20MiB',
  ),
  dlo: defaulting(flag('Make dynamic large objects although the service has static ones.'), 'false'),
  prefix: defaulting(text('Prefix of every object.'), ''),
  accesskey: secret('Name of the signing key, where the service wants one in temporary URLs.').optional(),
  secretkey: secret(
    'Key that signs temporary URLs; when absent the one that is set, or a new one.',
  ).optional(),
  tempurlcontainerkey: defaulting(
    flag("The signing key is the container's even if the service does not tell its version."),
    'false',
  ),
  tempurlmethods: text('Methods that temporary URLs may serve, when the service does not tell.').optional(),
  maxrequestspersecond: integer('Limit of requests to the store.', { minimum: 1 }).optional(),
  maxretries: defaulting(integer('Attempts after the first.', { maximum: 100 }), '5'),
  maxconcurrency: defaulting(integer('Requests at the same time.', { minimum: 1 }), '100'),
});

const oss = section('Alibaba Cloud OSS.', {
  accesskeyid: secret(
    'Access key id; without it the usual Alibaba Cloud sources are asked: the environment, the role of the service account (RRSA), the role of the instance.',
  ).optional(),
  accesskeysecret: secret('Access key secret.').optional(),
  securitytoken: secret('Token of temporary credentials (STS).').optional(),
  ramrole: text('RAM role of the instance; the one that it has unless told.').optional(),
  metadataendpoint: defaulting(
    url('Metadata service, which knows the role of the instance.'),
    'http://100.100.100.200',
  ),
  stsendpoint: defaulting(
    url('Security Token Service, which knows the role of the service account.'),
    'https://sts.aliyuncs.com',
  ),
  region: text('Region of the bucket; required unless endpoint is set.').optional(),
  bucket: text('The bucket.'),
  endpoint: text(
    'Endpoint, with the bucket before it or not, when it does not follow from the region.',
  ).optional(),
  redirectendpoint: text(
    'Endpoint that signed URLs point to, when clients reach another one than we do.',
  ).optional(),
  internal: defaulting(flag('Use the endpoint inside the region.'), 'false'),
  cname: flag(
    'The endpoint is a name of the bucket. On by default for endpoints outside aliyuncs.com that do not begin with the bucket.',
  ).optional(),
  forcepathstyle: defaulting(flag('Write the bucket in the path instead of the host name.'), 'false'),
  encrypt: defaulting(flag('Ask for encryption at rest.'), 'false'),
  encryptionkeyid: text('KMS key of the encryption.').optional(),
  secure: defaulting(flag('Use TLS.'), 'true'),
  skipverify: defaulting(flag('Do not verify the certificate of the endpoint.'), 'false'),
  cabundle: text('File of certificates to trust instead of the usual ones.').optional(),
  signatureversion: choice('Version of signatures; v4 by default when the region is known.', [
    'v1',
    'v4',
  ]).optional(),
  chunksize: defaulting(byteSize('Size of a part of an upload.', partBounds), '10MiB'),
  rootdirectory: rootdirectory(''),
  maxretries: defaulting(integer('Attempts after the first.', { maximum: 100 }), '5'),
  maxrequestspersecond: integer('Limit of requests to the store.', { minimum: 1 }).optional(),
  maxconcurrency: defaulting(integer('Requests at the same time.', { minimum: 1 }), '100'),
  timeout: defaulting(
    duration('How long a request may make no progress before it is cut.', { minimum: 1000 }),
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
  section('Work on what uploads leave behind, and a pause for writers.', {
    uploadpurging: always(
      section('Removal of uploads that nobody finished.', {
        enabled: defaulting(flag('Remove them.'), 'true'),
        age: defaulting(duration('Age at which an idle upload is removed.', { minimum: 1 }), '168h'),
        interval: defaulting(
          duration(
            'How often the store is searched for what they left; sessions are looked for at gc.interval.',
            { minimum: 1 },
          ),
          '24h',
        ),
        dryrun: defaulting(flag('Remove none, like enabled: false.'), 'false'),
      }),
    ),
    readonly: always(
      section('Refuse every write.', {
        enabled: defaulting(flag('Refuse pushes and deletions with 405 UNSUPPORTED.'), 'false'),
      }),
    ),
  }),
);
