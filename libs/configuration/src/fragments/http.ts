import {
  address,
  always,
  choice,
  defaulting,
  duration,
  flag,
  ignored,
  integer,
  list,
  map,
  network,
  refused,
  secret,
  section,
  text,
  url,
} from '@longshore/fields';
import { cipherSuite } from '../values/cipher-suite.ts';

const tls = section(
  'TLS on the listener. Without it the registry speaks plain HTTP, for a proxy that ends TLS.',
  {
    certificate: text('File with the PEM certificate and its intermediates.'),
    key: text('File with the PEM private key.'),
    clientcas: list(
      'Files with PEM certificates of authorities that sign client certificates.',
      text('A file.'),
    ).default([]),
    clientauth: defaulting(
      choice('How client certificates are asked for when clientcas is set.', [
        'request-client-cert',
        'require-any-client-cert',
        'verify-client-cert-if-given',
        'require-and-verify-client-cert',
      ]),
      'require-and-verify-client-cert',
    ),
    minimumtls: defaulting(
      choice('The oldest protocol version that is spoken.', ['tls1.2', 'tls1.3']),
      'tls1.2',
    ),
    ciphersuites: list(
      "The TLS 1.2 and 1.3 suites to offer, by the names of RFC 8447's registry.",
      cipherSuite('A suite.'),
    ).optional(),
    letsencrypt: refused(
      'certificates from ACME; let a proxy or cert-manager obtain them and set certificate and key',
    ),
  },
);

export const http = always(
  section('The public listener.', {
    addr: defaulting(
      address(
        'host:port, or :port for every interface. The standalone registry listens on 127.0.0.1:5000 unless told otherwise.',
      ),
      ':5000',
    ),
    net: defaulting(choice('tcp is the only network.', ['tcp']), 'tcp'),
    prefix: refused(
      'serving below a path; give the registry its own host name, which clients expect anyway',
    ).optional(),
    host: url('The address clients use, when it differs from the Host header they send.').optional(),
    secret: secret(
      'Seals what clients carry between replicas, and the private signing keys in the database. Must be the same on every replica; the standalone registry makes one.',
    ).optional(),
    relativeurls: flag(
      'Whether Location headers are relative. Unset: relative, unless scheme and host are certain: by http.host, TLS of our own, or a trusted proxy.',
    ).optional(),
    draintimeout: defaulting(duration('How long requests in flight may take to end at shutdown.'), '0s'),
    headers: map(
      'Headers added to every answer.',
      list('The values of the header.', text('A value.')),
    ).default({}),
    trustedproxies: list(
      'Addresses or networks (CIDR) of proxies whose X-Forwarded-* and Forwarded headers are believed.',
      network('An address or network.'),
      { separated: true },
    ).default([]),
    transfers: always(
      section(
        'How many bodies (pulls and pushes) one process carries at a time; what is beyond is asked to come again.',
        {
          limit: defaulting(
            integer(
              'Of all clients; beyond it 503. Each may hold some 0.3 MiB of memory when its client stands still.',
              {
                minimum: 1,
              },
            ),
            '1000',
          ),
          peraccount: defaulting(integer('Of one account; beyond it 429.', { minimum: 1 }), '500'),
          peraddress: defaulting(
            integer(
              'Of one client address; beyond it 429. Behind a proxy, http.trustedproxies tells clients apart.',
              {
                minimum: 1,
              },
            ),
            '500',
          ),
        },
      ),
    ),
    tls: tls.optional(),
    debug: section('A second listener for health and metrics; never public.', {
      addr: address('host:port of the listener.').optional(),
      prometheus: always(
        section('Metrics in the Prometheus text format.', {
          enabled: defaulting(flag('Serve metrics on the debug listener.'), 'false'),
          path: defaulting(text('Where they are served.'), '/metrics'),
        }),
      ),
    }).optional(),
    http2: ignored('HTTP/1.1 is spoken; a proxy may speak HTTP/2 to clients'),
    h2c: section('HTTP/2 without TLS.', { enabled: disabledOnly() }).optional(),
  }),
);

function disabledOnly() {
  return defaulting(
    flag('Must be false: HTTP/2 without TLS is not spoken.').refine(
      (enabled) => !enabled,
      'is not supported: HTTP/2 without TLS; let the proxy speak HTTP/1.1 to the registry',
    ),
    'false',
  );
}
