import { readFile } from 'node:fs/promises';
import type { StoreAgents } from '@longshore/storage-remote';
import { z } from 'zod';
import { exchange } from '../exchange.ts';
import type { OssCredentials } from './oss-credentials.ts';
import { credentialError, parseJson, temporaryCredentials } from './temporary-credentials.ts';

export interface OidcRole {
  /** The endpoint of STS. */
  readonly endpoint: string;
  readonly roleArn: string;
  readonly providerArn: string;
  /** Path of the service account's token, which is replaced from time to time. */
  readonly tokenFile: string;
  readonly sessionName: string;
  readonly agents: StoreAgents;
}

const answered = z.object({
  Credentials: z.unknown(),
  Code: z.string().optional(),
  Message: z.string().optional(),
});

/** Gets credentials of a RAM role for a pod's service account (RRSA) with STS's AssumeRoleWithOIDC, which needs no signature. @throws StorageError */
export async function oidcRoleCredentials(role: OidcRole): Promise<OssCredentials> {
  const { endpoint, agents } = role;
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithOIDC',
    Version: '2015-04-01',
    Format: 'JSON',
    Timestamp: new Date().toISOString().replace(/\.\d+/, ''),
    RoleArn: role.roleArn,
    OIDCProviderArn: role.providerArn,
    OIDCToken: await tokenIn(role.tokenFile),
    RoleSessionName: role.sessionName,
  });
  const answer = await exchange(agents, endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    content: Buffer.from(form.toString()),
  }).catch((cause: unknown) => {
    throw credentialError('unavailable', `STS does not answer at ${endpoint} (stsendpoint)`, cause);
  });
  const { Credentials, Code = '', Message = '' } = answered.parse(parseJson(answer, 'STS'));
  if (answer.status === 200) return temporaryCredentials(Credentials, 'STS');
  throw credentialError(
    answer.status < 500 ? 'denied' : 'unavailable',
    `STS answers ${answer.status} ${Code}: ${Message}`,
  );
}

async function tokenIn(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw credentialError('denied', `the token file ${path} cannot be read`, cause);
  }
}
