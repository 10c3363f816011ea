import { choice, flag, integer, word } from '@longshore/storage-remote';
import { z } from 'zod';

const mebibyte = 1024 * 1024;

const endpoint = z
  .string()
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), {
    message: 'must be a URL with the scheme http or https',
  });

const accountKey = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, { message: 'must be a key in base64' });

const credentials = z.strictObject({
  type: choice(['client_secret', 'shared_key', 'default_credentials']),
  clientid: word().optional(),
  tenantid: word().optional(),
  secret: word().optional(),
});

/** The parameters of distribution's Azure driver, with its defaults, and our own: `sastoken`, `chunksize`, `cabundle`, and the limits. */
export const azureParameters = z
  .strictObject({
    accountname: word().optional(),
    accountkey: accountKey.optional(),
    container: word(),
    credentials: credentials.optional(),
    connectionstring: word().optional(),
    sastoken: word().optional(),
    realm: word().default('core.windows.net'),
    serviceurl: endpoint.optional(),
    rootdirectory: z.string().default(''),
    // An object that was written in one piece is read back when its upload continues.
    chunksize: integer({ minimum: mebibyte, maximum: 64 * mebibyte }).default(4 * mebibyte),
    max_retries: integer({ minimum: -1, maximum: 100 }).default(5),
    retry_delay: integer().default(100).describe('Milliseconds.'),
    maxrequestspersecond: integer({ minimum: 1 }).optional(),
    maxconcurrency: integer({ minimum: 1 }).default(100),
    skipverify: flag().default(false),
    cabundle: word().optional(),
  })
  .superRefine((parameters, context) => {
    for (const [path, message] of contradictions(parameters))
      context.addIssue({ code: 'custom', path: path.split('.'), message });
  });

export type AzureParameters = z.infer<typeof azureParameters>;

type Contradiction = readonly [path: string, message: string];

/** Returns the contradictions between parameters. */
function contradictions(parameters: AzureParameters): readonly Contradiction[] {
  return [...accountProblems(parameters), ...signInProblems(parameters), ...clientProblems(parameters)];
}

function accountProblems(parameters: AzureParameters): readonly Contradiction[] {
  const { accountname, connectionstring, serviceurl, accountkey } = parameters;
  const problems: Contradiction[] = [];
  if (connectionstring !== undefined && serviceurl !== undefined)
    problems.push(['serviceurl', 'excludes connectionstring, which says it itself']);
  const isNamed = serviceurl !== undefined && accountkey === undefined;
  if (accountname === undefined && connectionstring === undefined && !isNamed)
    problems.push(['accountname', 'is needed, unless connectionstring names the account']);
  return problems;
}

function signInProblems(parameters: AzureParameters): readonly Contradiction[] {
  const ways = waysToSignIn(parameters);
  const problems: Contradiction[] = [];
  if (ways[1] !== undefined)
    problems.push([ways[1], `${ways.join(' and ')} exclude each other: one way to sign in`]);
  if (parameters.credentials?.type === 'shared_key' && ways.length === 0)
    problems.push(['accountkey', 'is needed with credentials.type shared_key']);
  if (usesIdentity(parameters) && parameters.serviceurl?.startsWith('http:') === true)
    problems.push(['serviceurl', 'must be https: a token of an identity is never sent in the clear']);
  return problems;
}

function waysToSignIn(parameters: AzureParameters): readonly string[] {
  const { credentials: { type } = {} } = parameters;
  const keys = (['connectionstring', 'accountkey', 'sastoken'] as const).filter(
    (name) => parameters[name] !== undefined,
  );
  return type === undefined || type === 'shared_key' ? keys : [...keys, 'credentials.type'];
}

function clientProblems({ credentials: given }: AzureParameters): readonly Contradiction[] {
  if (given?.type !== 'client_secret') return [];
  return (['clientid', 'tenantid', 'secret'] as const)
    .filter((name) => given[name] === undefined)
    .map((name) => [`credentials.${name}`, 'is needed with credentials.type client_secret']);
}

/** Whether to sign in to Entra ID with the cloud's own identity: neither a key nor a token is given. */
export function usesIdentity(parameters: AzureParameters): boolean {
  return waysToSignIn(parameters).every((way) => way === 'credentials.type');
}
