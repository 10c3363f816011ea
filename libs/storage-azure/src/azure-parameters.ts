import {
  byteSize,
  choice,
  defaulting,
  duration,
  integer,
  secret,
  section,
  text,
  url,
  word,
} from '@longshore/fields';
import {
  cabundle,
  maxconcurrency,
  maxrequestspersecond,
  skipverify,
} from '@longshore/storage-remote/parameters';
import type { z } from 'zod';

const mebibyte = 1024 * 1024;

/** The parameters of distribution's Azure driver, with its defaults, and our own: `sastoken`, `chunksize`, `cabundle`, and the limits. */
export const azureFields = section('Azure Blob Storage.', {
  accountname: word('The storage account.').optional(),
  accountkey: secret('Shared key of the account. Without any credential the workload identity is used.')
    .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be a key in base64')
    .optional(),
  container: word('The container.'),
  credentials: section('Authentication other than by the shared key.', {
    type: choice('Kind of authentication.', ['client_secret', 'shared_key', 'default_credentials']),
    clientid: word('Client id of the application.').optional(),
    tenantid: word('Tenant of the application.').optional(),
    secret: secret('Secret of the application.').optional(),
  }).optional(),
  sastoken: secret(
    'Shared access signature, instead of the key. With it clients are not redirected.',
  ).optional(),
  connectionstring: secret('Connection string, instead of accountname and accountkey.').optional(),
  realm: defaulting(word('Domain of the cloud.'), 'core.windows.net'),
  serviceurl: url('Endpoint of the account, if it does not follow from accountname and realm.', {
    reachedByClients: true,
  }).optional(),
  rootdirectory: defaulting(text('Directory of the objects, or prefix of their keys.'), ''),
  chunksize: defaulting(
    byteSize('Block size of an upload, at most 64MiB. A smaller blob takes one request.', {
      minimum: mebibyte,
      maximum: 64 * mebibyte,
    }),
    '4MiB',
  ),
  max_retries: defaulting(
    integer('Retries after the first attempt; -1 for none.', { minimum: -1, maximum: 100 }),
    '5',
  ),
  retry_delay: defaulting(duration('Delay before the first retry.'), '100ms'),
  maxrequestspersecond,
  maxconcurrency,
  skipverify,
  cabundle,
});

/** The same with what only shows when parameters are seen together: secrets, too, which are not everywhere. */
export const azureParameters = azureFields.superRefine((parameters, context) => {
  for (const [path, message] of contradictions(parameters))
    context.addIssue({ code: 'custom', path: path.split('.'), message });
});

export type AzureParameters = z.output<typeof azureParameters>;

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
