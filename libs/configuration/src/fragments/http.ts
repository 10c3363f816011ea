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
import { ratelimits } from './rate-limits.ts';

/** A name that a certificate can be for. ACME proves a wildcard only by DNS. */
const hostName = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

const letsencrypt = section(
  'Certificates by ACME (RFC 8555), from Let’s Encrypt or another authority. Using it means agreement to its terms of service.',
  {
    cachefile: text(
      "Folder for the account's key, the certificate and the answers to challenges. Replicas must share it; one of them orders at a time.",
    ),
    email: text('Address to which the authority writes.').optional(),
    hosts: list(
      'Names of the registry, in lower case; one certificate is for all of them. distribution takes any name if there is none.',
      text('A name.').refine((name) => hostName.test(name), 'must be a host name such as registry.example'),
    ).min(1, 'must name a host'),
    directoryurl: defaulting(
      url("The authority's directory."),
      'https://acme-v02.api.letsencrypt.org/directory',
    ),
    challenge: defaulting(
      choice(
        'How the authority finds that a host leads here: on port 443 of the host, which must lead to http.addr (tls-alpn-01), or on port 80, which must lead to httpaddr (http-01).',
        ['tls-alpn-01', 'http-01'],
      ),
      'tls-alpn-01',
    ),
    httpaddr: defaulting(
      address('host:port of the listener of http-01. It leads everything else to HTTPS.'),
      ':80',
    ),
  },
);

const tlsSection = section(
  'TLS on the listener. Without it the registry speaks plain HTTP, behind a proxy that terminates TLS.',
  {
    certificate: text(
      'File with the PEM certificate and its intermediates. Required without letsencrypt.',
    ).optional(),
    key: text('File with the PEM private key. Required without letsencrypt.').optional(),
    clientcas: list(
      'Files with PEM certificates of authorities that sign client certificates.',
      text('A file.'),
    ).default([]),
    clientcrls: list(
      'Files with PEM revocation lists, one for each authority on the way to a client certificate. A list that has ended refuses every certificate of its authority.',
      text('A file.'),
    ).default([]),
    clientauth: defaulting(
      choice('How client certificates are requested and checked, if clientcas is set.', [
        'request-client-cert',
        'require-any-client-cert',
        'verify-client-cert-if-given',
        'require-and-verify-client-cert',
      ]),
      'require-and-verify-client-cert',
    ),
    minimumtls: defaulting(choice('Oldest accepted protocol version.', ['tls1.2', 'tls1.3']), 'tls1.2'),
    ciphersuites: list(
      "TLS 1.2 and 1.3 suites to offer, by the names of RFC 8447's registry.",
      cipherSuite('A suite.'),
    ).optional(),
    letsencrypt: letsencrypt.optional(),
  },
);

const tls = tlsSection.superRefine(({ certificate, key, letsencrypt: acme }, context) => {
  const refuse = (path: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (acme === undefined) {
    if (certificate === undefined) refuse('certificate', 'is required');
    if (key === undefined) refuse('key', 'is required');
  } else if (certificate !== undefined || key !== undefined)
    refuse('letsencrypt', 'is a second source beside certificate and key; one is used');
});

export const http = always(
  section('The public listener.', {
    addr: defaulting(
      address(
        "host:port, or :port for every interface. The standalone registry's default is 127.0.0.1:5000.",
      ),
      ':5000',
    ),
    net: defaulting(choice('Network. Must be tcp.', ['tcp']), 'tcp'),
    prefix: refused(
      'serving below a path; give the registry its own host name, which clients expect anyway',
    ).optional(),
    host: url('Public URL of the registry, if it differs from the Host header that arrives.').optional(),
    secret: secret(
      'Seals the state that clients carry between replicas, and the private signing keys in the database. Must be the same on every replica. The standalone registry creates one.',
    ).optional(),
    relativeurls: flag(
      "Whether Location headers are relative. Default: relative, unless http.host, the registry's own TLS or a trusted proxy make scheme and host certain.",
    ).optional(),
    draintimeout: defaulting(duration('Longest time that running requests may take at shutdown.'), '0s'),
    headers: map(
      'Headers added to every response.',
      list('The values of the header.', text('A value.')),
    ).default({}),
    trustedproxies: list(
      'Addresses or networks (CIDR) of proxies whose X-Forwarded-* and Forwarded headers are trusted.',
      network('An address or network.'),
      { separated: true },
    ).default([]),
    transfers: always(
      section(
        'Limits on concurrent bodies (pulls and pushes) per process. Requests beyond a limit are told to retry.',
        {
          limit: defaulting(
            integer(
              'Concurrent bodies of all clients; beyond it 503. Each may hold about 0.3 MiB of memory if its client stalls.',
              {
                minimum: 1,
              },
            ),
            '1000',
          ),
          peraccount: defaulting(
            integer('Concurrent bodies of one account; beyond it 429.', { minimum: 1 }),
            '500',
          ),
          peraddress: defaulting(
            integer(
              'Concurrent bodies of one client address; beyond it 429. Behind a proxy, set http.trustedproxies so that clients have different addresses.',
              {
                minimum: 1,
              },
            ),
            '500',
          ),
        },
      ),
    ),
    ratelimits,
    tls: tls.optional(),
    debug: section('A second listener for health and metrics. Must not be public.', {
      addr: address('host:port of the listener.').optional(),
      prometheus: always(
        section('Metrics in the Prometheus text format.', {
          enabled: defaulting(flag('Serve metrics on the debug listener.'), 'false'),
          path: defaulting(text('Path of the metrics.'), '/metrics'),
        }),
      ),
    }).optional(),
    http2: ignored('HTTP/1.1 is spoken; a proxy may speak HTTP/2 to clients'),
    h2c: section('HTTP/2 without TLS.', { enabled: disabledOnly() }).optional(),
  }),
);

function disabledOnly() {
  return defaulting(
    flag('Must be false: HTTP/2 without TLS is not supported.').refine(
      (enabled) => !enabled,
      'is not supported: HTTP/2 without TLS; let the proxy speak HTTP/1.1 to the registry',
    ),
    'false',
  );
}
