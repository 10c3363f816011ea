import { PrincipalTemplate, signatureAlgorithms } from '@longshore/authorization';
import { choice, claimGlob, list, map, section, text, url, word } from '@longshore/fields';
import { z } from 'zod';

/** Audiences that every registry or cluster of the same provider shares: a token for another service would be accepted here. */
const shared =
  /^(?:https:\/\/(?:github|gitlab)\.com(?:\/[^/]*)?\/?|https:\/\/kubernetes\.default\.svc(?:\.cluster\.local)?|kubernetes|api|sts\.amazonaws\.com|api:\/\/AzureADTokenExchange|sigstore)$/;

const rule = section('A rule. The first one that matches decides.', {
  claims: map(
    'Claims that must all match, by name; of a list, one value. A name that begins with a slash is a JSON Pointer into nested claims: /kubernetes.io/namespace.',
    claimGlob(
      'Exact value, or a glob: `*` stays between two of the characters `/` and `:`, `**` matches anything.',
    ),
  ).refine((claims) => Object.keys(claims).length > 0, {
    message: 'names no claim: everybody whom the issuer knows would be admitted',
  }),
  principal: text(
    "Second part of the workload's name, from fixed text and claims in braces: `{repository}`. The first part is the issuer's name. Without it all have the issuer's name.",
  )
    .refine((template) => PrincipalTemplate.of(template) !== undefined, {
      message:
        'must be fixed text (letters, digits and . : @ / + - _) and claims in braces, with fixed text between two claims',
    })
    .optional(),
  groups: list('Groups of the workload.', word('Name of a group.')).default([]),
});

const provider = section('An identity provider.', {
  name: text('Name of the provider, with which the names of its workloads begin.').refine(
    (name) => /^[a-z0-9][a-z0-9._-]{0,62}$/.test(name),
    { message: 'must be at most 63 lower-case letters, digits, dots, hyphens and underscores' },
  ),
  issuer: url('The exact value of `iss` in its tokens.'),
  audience: word(
    "The only value of `aud` that is accepted. It must be this registry's own, such as its URL: a token for another service must not count here.",
  ),
  jwks: text(
    'URL of its key set, or a file with it. Without it the URL is asked of <issuer>/.well-known/openid-configuration.',
  ).optional(),
  tokenfile: text(
    'File with a bearer token that is sent to the URL jwks and nowhere else: the API server of Kubernetes asks for one. Read again each time.',
  ).optional(),
  algorithms: list('Accepted algorithms.', choice('An algorithm.', signatureAlgorithms)).default([
    'RS256',
    'ES256',
  ]),
  rules: list('Who is admitted. A token that no rule matches is refused.', rule),
});

type Provider = z.output<typeof provider>;

export const workloads = list(
  'Identity providers whose tokens are accepted in place of a password: of CI jobs, of service accounts of Kubernetes.',
  provider,
).superRefine((providers, context) => {
  for (const [index, each] of providers.entries()) {
    for (const [key, message] of problemsOf(each, providers.slice(0, index)))
      context.addIssue({ code: 'custom', path: [index, key], message });
  }
});

function* problemsOf(
  { name, issuer, audience, jwks, tokenfile, rules }: Provider,
  before: readonly Provider[],
): Generator<readonly [key: keyof Provider, message: string]> {
  if (before.some((other) => other.name === name)) yield ['name', 'is the name of another provider'];
  if (before.some((other) => other.issuer === issuer)) yield ['issuer', 'is the issuer of another provider'];
  if (audience === issuer || shared.test(audience))
    yield [
      'audience',
      "is an audience of other services too; choose one of this registry's own, such as its URL",
    ];
  if (tokenfile !== undefined && !isKeyUrl(jwks)) yield ['tokenfile', 'needs a URL in jwks'];
  if (rules.length === 0) yield ['rules', 'is empty: nobody would be admitted'];
}

/** Tells whether `jwks` names a URL, and not a file. */
export const isKeyUrl = (jwks: string | undefined): jwks is string => /^https?:\/\//.test(jwks ?? '');
