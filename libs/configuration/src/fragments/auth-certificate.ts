import { choice, defaulting, list, section, text } from '@longshore/fields';

export const certificate = section(
  'Accounts by client certificates, which http.tls.clientcas must have verified. Credentials that a client also sends go before.',
  {
    accounts: list(
      'Rules from a name in the certificate to an account. The first one that fits decides.',
      section('A rule.', {
        from: choice(
          'Which name: the one common name, the whole subject (O=Example,CN=ann), a subject alternative name, or the SPIFFE ID.',
          ['commonname', 'subject', 'dns', 'email', 'uri', 'spiffe'],
        ),
        match: text(
          'The name, exactly. `*` stands for one whole part: between dots (dns), between slashes (uri, spiffe), around the @ (email). Default: any name.',
        ).optional(),
        account: text('The account. Default: the name itself.').optional(),
        kind: defaulting(choice('What policies take the account for.', ['user', 'workload']), 'user'),
      }),
    ).min(1, 'must have a rule'),
  },
);
