import {
  always,
  defaulting,
  duration,
  flag,
  integer,
  list,
  secret,
  section,
  text,
  url,
} from '@longshore/fields';

const postgresSection = section('Database of metadata. The standalone registry runs its own.', {
  url: secret('Complete URL: postgres://user:password@host:5432/database.').optional(),
  host: text('Host, if url is not set.').optional(),
  port: defaulting(integer('Port.', { minimum: 1, maximum: 65_535 }), '5432'),
  user: text('Role.').optional(),
  password: secret("The role's password.").optional(),
  database: defaulting(text('Database.'), 'longshore'),
  pool: defaulting(integer('Most connections per process.', { minimum: 2, maximum: 1000 }), '10'),
});
export const postgres = postgresSection
  .superRefine((value, context) => {
    if ((value.url === undefined) === (value.host === undefined)) {
      context.addIssue({ code: 'custom', message: 'needs either url or host' });
    }
    // No URL parser here: a socket is written postgres://user@/database?host=/run/postgresql, which WHATWG's parser refuses.
    if (value.url !== undefined && !/^postgres(?:ql)?:\/\//.test(value.url)) {
      context.addIssue({
        code: 'custom',
        path: ['url'],
        message: 'must be a URL such as postgres://user:password@host:5432/database',
      });
    }
  })
  .optional();

const natsSection = section('Bus between the services. The standalone registry needs none.', {
  servers: list('Addresses of NATS servers.', text('host:port or nats:// URL.'), {
    separated: true,
    secret: true,
  }).min(1, 'must name a server'),
  user: text("User. With a password the default is the service's name.").optional(),
  password: secret("The user's password.").optional(),
  token: secret('Token, instead of user and password.').optional(),
  creds: text('File with credentials (JWT and NKey), instead of password and token.').optional(),
  tls: section('TLS to NATS.', {
    ca: text('File with PEM certificates of its authorities.').optional(),
    certificate: text("File with the client's PEM certificate.").optional(),
    key: text('File with the PEM private key of the certificate.').optional(),
  }).optional(),
});
export const nats = natsSection
  .superRefine(({ servers, user, password, token, creds, tls }, context) => {
    const refuse = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    const ways = Object.entries({ password, token, creds }).flatMap(([key, value]) =>
      value === undefined ? [] : [key],
    );
    const [first, second] = ways;
    if (second !== undefined) refuse([second], `is a second way in beside nats.${first}; one is used`);
    if (user !== undefined && password === undefined) refuse(['password'], 'is required with nats.user');
    if ((tls?.certificate === undefined) !== (tls?.key === undefined))
      refuse(['tls', 'key'], 'and nats.tls.certificate belong together');
    for (const [index, server] of servers.entries())
      if (/^(?:[a-z+]+:\/\/)?[^/]*@/.test(server))
        refuse(['servers', index], 'must not hold credentials; set nats.user and nats.password');
  })
  .optional();

export const gc = always(
  section('Garbage collection: deletion of unreferenced content while the registry runs.', {
    enabled: defaulting(flag('Collect garbage.'), 'true'),
    grace: defaulting(
      duration(
        'Shortest time that unreferenced content is kept. Must exceed the longest push, since a push adds references only at its end.',
        {
          minimum: 1,
        },
      ),
      '24h',
    ),
    untagged: always(
      section(
        'Manifests that were tagged or pulled once and have lost their tags. By default they are kept, since a deployment may name them by digest.',
        {
          enabled: defaulting(
            flag('Collect these manifests; an index with its images. Clients can delete them in any case.'),
            'false',
          ),
          age: defaulting(
            duration(
              'Time that such a manifest is kept after its last pull or the loss of its last tag. HEAD counts as a pull. A pull is recorded within 10 seconds, and at most once an hour.',
              { minimum: 1 },
            ),
            '720h',
          ),
        },
      ),
    ),
    interval: defaulting(duration('Pause after a round that finds nothing to do.', { minimum: 1 }), '1m'),
    trashdelay: defaulting(
      duration(
        'Time that the bytes of a collected blob stay. Must exceed the life of signed URLs and cached locations.',
      ),
      '1h',
    ),
  }),
);

const blobserviceTls = section(
  'TLS to blob-service, for https:// addresses. The certificate must match the host of the address. Files are read again for each connection.',
  {
    ca: text("File with PEM certificates of its authorities. Default: the system's.").optional(),
    certificate: text("File with the gateway's PEM certificate, if blob-service requires one.").optional(),
    key: text('File with the PEM private key of the certificate.').optional(),
  },
)
  .superRefine(({ certificate, key }, context) => {
    if ((certificate === undefined) !== (key === undefined))
      context.addIssue({
        code: 'custom',
        path: ['key'],
        message: 'and services.blobservice.tls.certificate belong together',
      });
  })
  .optional();

export const services = always(
  section('Connections between services beside the bus, and their shared secret.', {
    secret: secret(
      "Seals passwords and tokens on the bus, and the client's address and URL that api-gateway sends to blob-service. 32 random bytes, the same in api-gateway, blob-service and auth-service, which do not start without it. The standalone registry needs none.",
    ).optional(),
    blobservice: always(
      section('Connection to blob-service, which serves bytes over HTTP.', {
        urls: list(
          "Addresses to which the gateway forwards: http://, or https:// if blob-service's listener has TLS. A name with several replicas is resolved again every few seconds.",
          url('An address.'),
          {
            separated: true,
          },
        ).default([]),
        tls: blobserviceTls,
      }),
    ),
  }),
);

export const telemetry = always(
  section(
    'Traces. The OTEL_* variables of OpenTelemetry override these keys. OTEL_TRACES_EXPORTER=none switches traces off.',
    {
      otlp: always(
        section('Export by OTLP over HTTP.', { endpoint: url('Address of the collector.').optional() }),
      ),
    },
  ),
);

const bounded = (description: string) =>
  defaulting(integer(`${description}.`, { minimum: 1, maximum: 100_000 }), '1000');
export const catalog = always(
  section('List of repositories.', {
    maxentries: bounded(
      'Largest page; a larger `n` is reduced to it, and a Link follows (distribution refuses it)',
    ),
  }),
);
export const tags = always(
  section('List of tags.', {
    maxtags: bounded(
      'Largest page; a larger `n` is reduced to it, and a Link follows. A request without `n` gets all tags',
    ),
  }),
);
