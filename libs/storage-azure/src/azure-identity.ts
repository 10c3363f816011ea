import type { TokenCredential } from '@azure/identity';
import type { AzureParameters } from './azure-parameters.ts';
import type { StoreAgents } from '@longshore/storage-remote';

/** Authority hosts of Entra ID by realm; the public one by default (Azure Stack names its own in AZURE_AUTHORITY_HOST). */
const authorities: Readonly<Record<string, string>> = {
  'core.chinacloudapi.cn': 'https://login.chinacloudapi.cn',
  'core.usgovcloudapi.net': 'https://login.microsoftonline.us',
};

/**
 * Returns the identity that the parameters name, or the one that the cloud gives to this workload: workload identity, managed identity, environment.
 */
export async function identityOf(
  { credentials = { type: 'default_credentials' }, realm }: AzureParameters,
  agents: StoreAgents,
): Promise<TokenCredential> {
  const { ClientSecretCredential, DefaultAzureCredential } = await import('@azure/identity');
  const { type, clientid, tenantid, secret } = credentials;
  const authorityHost = authorities[realm];
  const options = {
    ...(authorityHost === undefined ? {} : { authorityHost }),
    additionalPolicies: [{ policy: through(agents), position: 'perCall' as const }],
  };
  if (type === 'client_secret' && clientid !== undefined && tenantid !== undefined && secret !== undefined)
    return new ClientSecretCredential(tenantid, clientid, secret, options);
  return new DefaultAzureCredential({
    ...options,
    ...(tenantid === undefined ? {} : { tenantId: tenantid }),
    ...(clientid === undefined
      ? {}
      : { managedIdentityClientId: clientid, workloadIdentityClientId: clientid }),
  });
}

interface AgentRequest {
  readonly url: string;
  agent?: unknown;
}

/** Sends requests to Entra ID through the store's agents. A managed identity's endpoint is plain HTTP on this machine and is reached directly. */
function through({ https }: StoreAgents) {
  return {
    name: 'storeAgent',
    sendRequest: <Request extends AgentRequest, Response>(
      request: Request,
      next: (request: Request) => Promise<Response>,
    ): Promise<Response> => {
      if (request.url.startsWith('https:')) request.agent = https;
      return next(request);
    },
  };
}
