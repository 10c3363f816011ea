import {
  always,
  choice,
  defaulting,
  duration,
  facts,
  flag,
  list,
  refused,
  section,
  text,
} from '@longshore/fields';
import type { z } from 'zod';
import { certificate } from './auth-certificate.ts';
import { database } from './auth-database.ts';
import { ldap } from './auth-ldap.ts';
import { oidc, oidcProblems } from './auth-oidc.ts';
import { workloads } from './auth-workload.ts';

const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** Milliseconds. Clients treat a shorter life as this one (distribution's token specification). */
const shortestTokenLife = 60_000;
/** Milliseconds. What voids a token is remembered for a little longer (libs/metadata, credentials). */
const longestTokenLife = 86_400_000;

/** Milliseconds. A key is published before it signs, and outlives its tokens. */
const shortestKeyLife = 3_600_000;

const htpasswd = section(
  'Accounts in an htpasswd file, bcrypt only. The file is read again when it changes.',
  {
    realm: defaulting(text('Realm of the Basic challenge.'), 'Registry Realm'),
    path: text('Path of the file. It must exist.'),
  },
);

const keys = section("Keys that sign the registry's own tokens. They are kept sealed in the database.", {
  algorithm: defaulting(
    choice(
      'Algorithm of new keys. After a change the next key has it, and old ones verify until their last token has expired.',
      ['ES256', 'EdDSA', 'RS256'],
    ),
    'ES256',
  ),
  lifetime: defaulting(
    duration('Time after which a key is replaced. Its successor is published 20 minutes before it signs.', {
      minimum: shortestKeyLife,
    }),
    '2160h',
  ),
});

const token = section(
  'Bearer tokens. With jwks or rootcertbundle an external token server issues them, otherwise the registry.',
  {
    realm: text(
      "URL of the token endpoint. Required for an external server. The registry's own endpoint is /auth/token on its own address.",
    ).optional(),
    service: defaulting(text('The audience of tokens.'), 'longshore'),
    issuer: defaulting(text('The issuer of tokens.'), 'longshore'),
    jwks: text('File with the JWK set of an external token server, or its URL (https).').optional(),
    rootcertbundle: text(
      'File with PEM certificates of an external token server. Their keys sign its tokens, or the certificates in its tokens (x5c).',
    ).optional(),
    signingalgorithms: list(
      'Algorithms accepted from an external token server. HS256, HS384 and HS512 are refused: the secret that verifies a token could also sign one.',
      choice('An algorithm.', algorithms),
    ).default([...algorithms]),
    autoredirect: defaulting(flag('Announce a token endpoint on the host that the client used.'), 'false'),
    autoredirectpath: defaulting(text('Path of that endpoint.'), '/auth/token'),
    expiration: defaulting(
      duration(
        "Life of the registry's access tokens. Clients treat less than a minute as a minute, and the push of one large layer takes longer.",
        { minimum: shortestTokenLife, maximum: longestTokenLife },
      ),
      '5m',
    ),
    keys: always(keys),
    refreshexpiration: defaulting(
      duration("Life of the registry's refresh tokens (docker login).", { minimum: shortestTokenLife }),
      '720h',
    ),
  },
);

const object = section('Access control. Without this section everybody may do everything.', {
  htpasswd: htpasswd.optional(),
  database: database.optional(),
  ldap: ldap.optional(),
  token: token.optional(),
  certificate: certificate.optional(),
  workloads: workloads.default([]),
  oidc: oidc.optional(),
  silly: refused('it checks nothing; use htpasswd, database, ldap or token'),
});
facts.add(object, { ...facts.get(object), shorthand: true });

type Auth = z.output<typeof object>;

interface AuthProblem {
  readonly path?: (string | number)[];
  readonly message: string;
}

export const auth = object.superRefine((value, context) => {
  for (const problem of problemsOf(value)) context.addIssue({ code: 'custom', ...problem });
});

function* problemsOf(value: Auth): Generator<AuthProblem> {
  const { token: tokens, certificate: certificates, oidc: login, silly } = value;
  if (login !== undefined) yield* loginProblems(login, tokens);
  if (!hasIdentities(value) && [tokens, certificates, silly].every((way) => way === undefined))
    yield {
      message:
        'names no accounts (htpasswd, database, ldap), and neither token, certificate, oidc nor workloads; remove the section to leave the registry open to everybody',
    };
  if (tokens !== undefined) yield* tokenProblems(tokens, value);
}

function* loginProblems(login: NonNullable<Auth['oidc']>, tokens: Auth['token']): Generator<AuthProblem> {
  const ownTokens = tokens !== undefined && !isExternal(tokens);
  for (const { path, message } of oidcProblems(login, ownTokens)) yield { path: ['oidc', ...path], message };
}

function* tokenProblems(tokens: NonNullable<Auth['token']>, value: Auth): Generator<AuthProblem> {
  const { issuer, realm, autoredirect } = tokens;
  for (const [index, provider] of value.workloads.entries())
    if (provider.issuer === issuer)
      yield { path: ['workloads', index, 'issuer'], message: 'is the issuer of auth.token as well' };
  const external = isExternal(tokens);
  if (external && realm === undefined && !autoredirect)
    yield {
      path: ['token', 'realm'],
      message: 'is required with jwks or rootcertbundle: clients fetch tokens there',
    };
  if (!external && !hasIdentities(value))
    yield {
      path: ['token'],
      message:
        'needs jwks or rootcertbundle (an external token server), or for our own accounts (htpasswd, database, ldap), oidc or workloads beside it',
    };
}

/** Tells whether the registry itself identifies anybody. */
const hasIdentities = (ways: Auth): boolean =>
  hasAccounts(ways) || ways.oidc !== undefined || ways.workloads.length > 0;

/** Tells whether an external token server signs the tokens. */
export const isExternal = ({ jwks, rootcertbundle }: z.output<typeof token>): boolean =>
  jwks !== undefined || rootcertbundle !== undefined;

/** Tells whether clients can log in with a name and a password. */
export const hasAccounts = (ways: Auth): boolean =>
  [ways.htpasswd, ways.database, ways.ldap].some((source) => source !== undefined);
