import type { OssCredentials } from './oss-credentials.ts';
import { exchange, type HttpAnswer } from '../exchange.ts';
import { credentialError, parseJson, temporaryCredentials } from './temporary-credentials.ts';
import type { StoreAgents } from '@longshore/storage-remote';

export interface InstanceRole {
  /** The endpoint of the metadata service. */
  readonly endpoint: string;
  /** Name of the role; undefined means the role of the instance. */
  readonly role: string | undefined;
  readonly agents: StoreAgents;
}

const service = 'the metadata service';
/** Deadline of a request in milliseconds. The service is on the same machine. */
const deadline = 5_000;
const tokenSeconds = 21_600;

/**
 * Gets credentials of the RAM role of an ECS instance from its metadata service. It uses the hardened mode, which needs a token, or the normal mode
 * if the service has no tokens. @throws StorageError
 */
export async function instanceRoleCredentials({
  endpoint,
  role,
  agents,
}: InstanceRole): Promise<OssCredentials> {
  const ask = async (method: 'GET' | 'PUT', path: string, headers: Record<string, string>) => {
    try {
      const signal = AbortSignal.timeout(deadline);
      return await exchange(agents, `${endpoint.replace(/\/$/, '')}${path}`, { method, headers, signal });
    } catch (cause) {
      throw credentialError(
        'unavailable',
        `${service} does not answer at ${endpoint} (metadataendpoint)`,
        cause,
      );
    }
  };
  const token = await ask('PUT', '/latest/api/token', {
    'x-aliyun-ecs-metadata-token-ttl-seconds': String(tokenSeconds),
  });
  const headers: Record<string, string> =
    token.status === 200 ? { 'x-aliyun-ecs-metadata-token': textOf(token) } : {};
  const roles = '/latest/meta-data/ram/security-credentials/';
  const name = role ?? textOf(succeeded(await ask('GET', roles, headers), 'there is no role')).split('\n')[0];
  const found = await ask('GET', `${roles}${encodeURIComponent(name ?? '')}`, headers);
  return temporaryCredentials(
    parseJson(succeeded(found, `there is no role ${name ?? ''} (ramrole)`), service),
    service,
  );
}

function succeeded(answer: HttpAnswer, otherwise: string): HttpAnswer {
  if (answer.status === 200) return answer;
  const kind = answer.status === 404 ? 'denied' : 'unavailable';
  throw credentialError(kind, `${service} answers ${answer.status}: ${otherwise}`);
}

function textOf({ data }: HttpAnswer): string {
  return String(data ?? '').trim();
}
