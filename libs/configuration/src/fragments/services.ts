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

const postgresSection = section('The database of metadata; the standalone registry runs one of its own.', {
  url: secret('Address with everything in it: postgres://user:password@host:5432/database.').optional(),
  host: text('Host, when url is not set.').optional(),
  port: defaulting(integer('Port.', { minimum: 1, maximum: 65_535 }), '5432'),
  user: text('Role.').optional(),
  password: secret("The role's password.").optional(),
  database: defaulting(text('Database.'), 'longshore'),
  pool: defaulting(integer('Connections of one process.', { minimum: 2, maximum: 1000 }), '10'),
});
export const postgres = postgresSection
  .superRefine((value, context) => {
    if ((value.url === undefined) === (value.host === undefined)) {
      context.addIssue({ code: 'custom', message: 'needs either url or host' });
    }
    // No URL parser here: a socket is written postgres://user@/database?host=/run/postgresql, which WHATWG's refuses.
    if (value.url !== undefined && !/^postgres(?:ql)?:\/\//.test(value.url)) {
      context.addIssue({
        code: 'custom',
        path: ['url'],
        message: 'must be a URL such as postgres://user:password@host:5432/database',
      });
    }
  })
  .optional();

const natsSection = section('The bus between the services; the standalone registry needs none.', {
  servers: list('Addresses of NATS servers.', text('host:port or nats:// URL.'), {
    separated: true,
    secret: true,
  }).min(1, 'must name a server'),
  user: text("User; with a password, the service's name unless told.").optional(),
  password: secret("The user's password.").optional(),
  token: secret('Token, instead of user and password.').optional(),
  creds: text('File with credentials (JWT and NKey), instead of both.').optional(),
  tls: section('TLS towards NATS.', {
    ca: text('File with PEM certificates of its authorities.').optional(),
    certificate: text('File with our PEM certificate.').optional(),
    key: text('File with its PEM private key.').optional(),
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
  section('Collection of what nothing refers to, while the registry runs.', {
    enabled: defaulting(flag('Collect.'), 'true'),
    grace: defaulting(
      duration('How long something unreferenced is kept: a push under way refers to it only at its end.', {
        minimum: 1,
      }),
      '24h',
    ),
    untagged: always(
      section(
        'What becomes of manifests that were tagged or pulled once, and have no tag any more. They are kept: a deployment may name them by digest.',
        {
          enabled: defaulting(
            flag(
              'Collect them, and the images below an index with it. Deletion by clients works in any case.',
            ),
            'false',
          ),
          age: defaulting(
            duration(
              'How long one is kept after its last pull or the loss of its last tag. HEAD counts as a pull; a pull is written down within 10 seconds, and once an hour.',
              { minimum: 1 },
            ),
            '720h',
          ),
        },
      ),
    ),
    interval: defaulting(duration('Pause between rounds that find nothing to do.', { minimum: 1 }), '1m'),
    trashdelay: defaulting(
      duration(
        'How long the bytes of a collected blob stay: signed URLs and location caches must not outlive them.',
      ),
      '1h',
    ),
  }),
);

const blobserviceTls = section(
  'TLS towards blob-service, for https:// addresses. The certificate is verified for the host of the address. Files are read again for each connection.',
  {
    ca: text('File with PEM certificates of its authorities; the usual ones unless set.').optional(),
    certificate: text("File with the gateway's PEM certificate, where blob-service asks for one.").optional(),
    key: text('File with its PEM private key.').optional(),
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
  section('Where services find each other beside the bus, and what they share.', {
    secret: secret(
      'Seals passwords and tokens on the bus, and what api-gateway tells blob-service of the client: its address, and how it reached the registry. The same in api-gateway, blob-service and auth-service, which do not start without it: 32 random bytes. The standalone registry needs none.',
    ).optional(),
    blobservice: always(
      section('Blob-service: bytes travel over HTTP.', {
        urls: list(
          'Its addresses, when the gateway forwards to it: http://, or https:// where its listener has TLS. A name that stands for several replicas is asked for again every few seconds.',
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
    'Traces. The OTEL_* variables of OpenTelemetry are read, and win; OTEL_TRACES_EXPORTER=none switches traces off.',
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
  section('Listing of repositories.', {
    maxentries: bounded(
      'Most names in one answer; a request for more gets so many and a Link, where distribution refuses',
    ),
  }),
);
export const tags = always(
  section('Listing of tags.', {
    maxtags: bounded(
      'Most tags in one answer to a request with a limit; more is clamped, and a Link follows. A request without a limit gets all tags',
    ),
  }),
);
