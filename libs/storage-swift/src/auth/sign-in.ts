import { dropped, type HttpAnswer, httpCall, textOf } from '../http/http-call.ts';
import { advised, failureOf } from '../http/swift-failure.ts';
import type { SwiftParameters } from '../swift-parameters.ts';
import { listAt, textAt } from './json-field.ts';
import { sessionOfV2, tokenRequestV2 } from './keystone-v2.ts';
import { sessionOfV3, tokenRequestV3 } from './keystone-v3.ts';
import { type Session, storageUrlOf } from './session.ts';
import { StorageError } from '@longshore/storage';
import { kindOfUnknown, type StoreAgents } from '@longshore/storage-remote';

type Version = 1 | 2 | 3;

const loginParameters = [
  'username',
  'userid',
  'password',
  'applicationcredentialid',
  'applicationcredentialname',
  'applicationcredentialsecret',
  'tenant',
  'tenantid',
  'domain',
  'domainid',
  'tenantdomain',
  'tenantdomainid',
  'trustid',
] as const satisfies readonly (keyof SwiftParameters)[];

/** Gets a token from the identity service, in one attempt. @throws SwiftFailure, StorageError, or the network's error */
export async function signIn(agents: StoreAgents, parameters: SwiftParameters): Promise<Session> {
  const { version, url } = await identityService(agents, parameters);
  switch (version) {
    case 1:
      return signInV1(agents, url, parameters);
    case 2: {
      const answer = await post(
        agents,
        { url: below(url, 'tokens'), document: tokenRequestV2(parameters) },
        parameters,
      );
      return sessionOfV2(documentOf(await textOf(answer)), parameters);
    }
    case 3: {
      const answer = await post(
        agents,
        { url: below(url, 'auth/tokens'), document: tokenRequestV3(parameters) },
        parameters,
      );
      return sessionOfV3(answer.header('x-subject-token'), documentOf(await textOf(answer)), parameters);
    }
  }
}

interface IdentityService {
  readonly version: Version;
  readonly url: URL;
}

/** Finds the version of the service at authurl: from the parameters, from the URL's path, or from the service's own list of versions. */
async function identityService(agents: StoreAgents, parameters: SwiftParameters): Promise<IdentityService> {
  const url = new URL(parameters.authurl);
  const named = /\/(?:auth\/)?v([123])(?:\.\d+)?(?:\/|$)/.exec(url.pathname)?.[1];
  const told = parameters.authversion ?? (named === undefined ? undefined : Number(named));
  if (told === 1) return { version: 1, url };
  if (told === 2) return { version: 2, url: named === '2' ? url : below(url, 'v2.0') };
  if (told === 3) return { version: 3, url: named === '3' ? url : below(url, 'v3') };
  return spokenAt(agents, url, parameters);
}

async function spokenAt(
  agents: StoreAgents,
  url: URL,
  parameters: SwiftParameters,
): Promise<IdentityService> {
  const { applicationcredentialsecret, trustid } = parameters;
  const spoken = await versionsAt(agents, url, parameters);
  if (spoken.some((id) => id.startsWith('v3'))) return { version: 3, url: below(url, 'v3') };
  const needs3 = applicationcredentialsecret !== undefined || trustid !== undefined;
  if (!needs3 && spoken.some((id) => id.startsWith('v2'))) return { version: 2, url: below(url, 'v2.0') };
  const reason =
    'authurl names no version (/v3, /v2.0, /auth/v1.0) and its service lists none that would do: authversion tells it';
  throw new StorageError('denied', { driver: 'swift', reason });
}

async function versionsAt(
  agents: StoreAgents,
  url: URL,
  parameters: SwiftParameters,
): Promise<readonly string[]> {
  const answer = await httpCall(agents, { method: 'GET', url, headers: { accept: 'application/json' } });
  // Keystone answers with 300 Multiple Choices.
  if (answer.status >= 400) throw await refusalOf(answer, parameters);
  const document = documentOf(await textOf(answer));
  return listAt(document, 'versions', 'values').map((version) => textAt(version, 'id') ?? '');
}

async function signInV1(agents: StoreAgents, url: URL, parameters: SwiftParameters): Promise<Session> {
  const { username = '', password = '' } = parameters;
  const headers = { 'x-auth-user': username, 'x-auth-key': password };
  const answer = await httpCall(agents, { method: 'GET', url, headers });
  if (answer.status >= 300) throw await refusalOf(answer, parameters);
  await dropped(answer);
  const token = answer.header('x-auth-token') ?? answer.header('x-storage-token');
  const storageUrl = answer.header('x-storage-url');
  if (token === undefined || storageUrl === undefined || !URL.canParse(storageUrl)) {
    const reason =
      'authurl answers without X-Auth-Token and X-Storage-Url: does it speak auth v1? authversion tells it';
    throw new StorageError('denied', { driver: 'swift', reason });
  }
  const seconds = Number(answer.header('x-auth-token-expires') ?? Number.NaN);
  const lifetime = Number.isNaN(seconds) ? undefined : seconds * 1000;
  return { token, storageUrl: storageUrlOf(storageUrl), lifetime };
}

async function post(
  agents: StoreAgents,
  { url, document }: { readonly url: URL; readonly document: unknown },
  parameters: SwiftParameters,
): Promise<HttpAnswer> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const body = [Buffer.from(JSON.stringify(document))];
  const answer = await httpCall(agents, { method: 'POST', url, headers, body });
  if (answer.status >= 300) throw await refusalOf(answer, parameters);
  return answer;
}

/** Returns a refusal with the parameters to check. A 404 of the identity service must not count as an absent object. */
async function refusalOf(answer: HttpAnswer, parameters: SwiftParameters): Promise<Error> {
  const failure = await failureOf('authurl', answer);
  const kind = kindOfUnknown(failure.status);
  if (kind !== 'denied' && kind !== 'absent') return failure;
  const isKnown = failure.status === 401 || failure.status === 403;
  const lookAt = isKnown ? loginOf(parameters) : `authurl, authversion, ${loginOf(parameters)}`;
  return new StorageError('denied', {
    driver: 'swift',
    reason: advised(failure.message, lookAt),
    cause: failure,
  });
}

/** Names the parameters of the user and the scope that are set. */
function loginOf(parameters: SwiftParameters): string {
  return loginParameters.filter((name) => parameters[name] !== undefined).join(', ');
}

/** @throws StorageError if the text is not JSON */
function documentOf(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    return document;
  } catch (cause) {
    const reason = 'authurl answers with what is no JSON: is it a service of identity?';
    throw new StorageError('denied', { driver: 'swift', reason, cause });
  }
}

function below(url: URL, path: string): URL {
  const child = new URL(url);
  child.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/(?:auth\/)?tokens$/, '')}/${path}`;
  return child;
}
