import type { TokenCredential } from '@azure/identity';
import {
  AnonymousCredential,
  BlobServiceClient,
  newPipeline,
  type RequestPolicyFactory,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { type AzureParameters, usesIdentity } from './azure-parameters.ts';
import { identityOf } from './azure-identity.ts';
import { StorageConfigurationError } from '@longshore/storage';
import { storeAgents, type StoreAgents } from '@longshore/storage-remote';

type Credential = StorageSharedKeyCredential | AnonymousCredential | TokenCredential;

export interface AzureService {
  readonly client: BlobServiceClient;
  readonly credential: Credential;
  readonly agents: StoreAgents;
}

/** @throws Error that names the wrong parameter and contains no secret */
export async function openAzureService(parameters: AzureParameters): Promise<AzureService> {
  const agents = agentsOf(parameters);
  const { url, credential } = usesIdentity(parameters)
    ? { url: serviceUrl(parameters), credential: await identityOf(parameters, agents) }
    : accountOf(parameters);
  // One attempt: only StoreCalls retries.
  const pipeline = newPipeline(credential, { retryOptions: { maxTries: 1 } });
  pipeline.factories.push(through(agents));
  return { client: new BlobServiceClient(url, pipeline), credential, agents };
}

function agentsOf({ skipverify, cabundle, maxconcurrency }: AzureParameters): StoreAgents {
  try {
    return storeAgents({ skipVerify: skipverify, caFile: cabundle, idleConnections: maxconcurrency });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'cannot be read';
    throw new StorageConfigurationError([{ path: 'cabundle', message }], { cause });
  }
}

function accountOf(parameters: AzureParameters): { url: string; credential: Credential } {
  const { connectionstring, accountname = '', accountkey, sastoken = '' } = parameters;
  if (connectionstring !== undefined) return connected(connectionstring);
  const url = serviceUrl(parameters);
  if (accountkey === undefined)
    return { url: `${url}?${sastoken.replace(/^\?/, '')}`, credential: new AnonymousCredential() };
  return { url, credential: new StorageSharedKeyCredential(accountname, accountkey) };
}

function connected(connectionstring: string): { url: string; credential: Credential } {
  try {
    const { url, credential } = BlobServiceClient.fromConnectionString(connectionstring);
    return { url, credential };
  } catch (cause) {
    // The SDK's message names the wrong part of the string and quotes nothing of it.
    const message = cause instanceof Error ? cause.message : 'cannot be read';
    throw new StorageConfigurationError([{ path: 'connectionstring', message }], { cause });
  }
}

function serviceUrl({ serviceurl, accountname, realm }: AzureParameters): string {
  return serviceurl?.replace(/\/+$/, '') ?? `https://${accountname}.blob.${realm}`;
}

/** Sends requests through our agents: the SDK's own know neither our CA nor a deadline on progress. An agent set on a request takes precedence. */
function through(agents: StoreAgents): RequestPolicyFactory {
  return {
    create: (next) => ({
      sendRequest: (request) => {
        request.agent = request.url.startsWith('https:') ? agents.https : agents.http;
        return next.sendRequest(request);
      },
    }),
  };
}
