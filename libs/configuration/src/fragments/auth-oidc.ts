import type { z } from 'zod';
import { always, defaulting, duration, list, secret, section, text, url, word } from '@longshore/fields';

const minute = 60_000;

const claims = section(
  'The claims of the provider that describe a person. A dot reaches into an object: realm_access.roles.',
  {
    name: defaulting(
      word('The name of the account. It must be stable and unique at the provider.'),
      'preferred_username',
    ),
    email: defaulting(word('The address that the page shows.'), 'email'),
    groups: defaulting(word('The groups: a list of texts, or one text.'), 'groups'),
  },
);

const provider = section('A provider.', {
  name: word(
    'Name in URLs and in the database: lower-case letters, digits and hyphens. The provider must know the redirect URI <http.host>/auth/callback/<name>.',
  ),
  title: text('Name on the page. Default: the name.').optional(),
  issuer: url(
    'The issuer, exactly as the provider writes it. Its discovery document is read at <issuer>/.well-known/openid-configuration.',
  ),
  clientid: word('Id of the registry at the provider.'),
  clientsecretfile: text(
    'File with the secret of the registry at the provider, read again at each use. Without it the registry is a public client.',
  ).optional(),
  clientsecret: secret('The secret itself, where no file is possible.').optional(),
  scopes: list(
    'Scopes to ask for. With offline_access the provider can confirm people, and tell their groups, while they are away.',
    word('A scope.'),
    { separated: true },
  ).default(['openid', 'profile', 'email', 'offline_access']),
  claims: always(claims),
  carriedclaims: list(
    'Claims that are kept, and that the conditions of access rules may read. 4 KiB at most.',
    word('A claim.'),
    { separated: true },
  ).default(['email']),
  allowedgroups: list(
    'Groups that may log in: a person needs one of them. Empty: everybody whom the provider knows.',
    word('A group.'),
    {
      separated: true,
    },
  ).default([]),
});

export const oidc = section(
  'Login by OpenID Connect, at /auth/login and with `longshore login`. Needs auth.token, http.host and http.secret.',
  {
    providers: list('The providers that people log in with.', provider),
    sessionlife: defaulting(duration('Longest life of a session in a browser.', { minimum: minute }), '12h'),
    devicelife: defaulting(
      duration('Longest life of a session of `longshore login`.', { minimum: minute }),
      '2160h',
    ),
    refresh: defaulting(
      duration('Time after which a session is confirmed by the provider again, and the groups are read.', {
        minimum: 1000,
      }),
      '15m',
    ),
    confirmation: defaulting(
      duration(
        'Longest time that a session counts without a confirmation: the provider is away, or gives no refresh token.',
        { minimum: minute },
      ),
      '24h',
    ),
  },
);

interface OidcProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const nameForm = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Returns what is wrong beside the form of each value. @param ownTokens whether the registry issues tokens itself */
export function oidcProblems({ providers }: z.output<typeof oidc>, ownTokens: boolean): OidcProblem[] {
  if (!ownTokens)
    return [
      {
        path: [],
        message:
          'needs auth.token without jwks and rootcertbundle: people who log in get tokens of the registry',
      },
    ];
  if (providers.length === 0) return [{ path: ['providers'], message: 'names no provider' }];
  return providers.flatMap((each, index) => {
    const at = (key: string, message: string): OidcProblem => ({ path: ['providers', index, key], message });
    return [
      ...(nameForm.test(each.name)
        ? []
        : [at('name', 'may have lower-case letters, digits and hyphens, 63 at most')]),
      ...(providers.findIndex(({ name }) => name === each.name) < index
        ? [at('name', 'is the name of another provider')]
        : []),
      ...(each.clientsecret !== undefined && each.clientsecretfile !== undefined
        ? [at('clientsecret', 'stands beside clientsecretfile; remove one')]
        : []),
      ...(each.scopes.includes('openid') ? [] : [at('scopes', 'must have openid')]),
    ];
  });
}
