import type { OssParameters } from '../oss-parameters.ts';
import { instanceRoleCredentials } from './instance-role.ts';
import { oidcRoleCredentials } from './oidc-role.ts';
import { type CredentialSource, staticCredentials } from './oss-credentials.ts';
import { RenewingCredentials } from './renewing-credentials.ts';
import type { StoreAgents } from '@longshore/storage-remote';

type Given = Pick<
  OssParameters,
  'accesskeyid' | 'accesskeysecret' | 'securitytoken' | 'ramrole' | 'metadataendpoint' | 'stsendpoint'
>;

export interface Surroundings {
  /** Agents for STS. */
  readonly agents: StoreAgents;
  /** Agents for the metadata service, which no proxy reaches. */
  readonly direct: StoreAgents;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Chooses the source of credentials, in the order of Alibaba Cloud's own tools: the parameters; a role that they name; keys in the environment; the
 * role of the pod's service account (RRSA), named in the environment; the role of the instance.
 */
export function chooseCredentials(given: Given, surroundings: Surroundings): CredentialSource {
  const { accesskeyid, accesskeysecret, securitytoken, ramrole } = given;
  const { environment, direct } = surroundings;
  if (accesskeyid !== undefined && accesskeysecret !== undefined)
    return staticCredentials({
      accessKeyId: accesskeyid,
      accessKeySecret: accesskeysecret,
      securityToken: securitytoken,
    });
  const ofEnvironment = ramrole === undefined ? fromEnvironment(given, surroundings) : undefined;
  if (ofEnvironment !== undefined) return ofEnvironment;
  return new RenewingCredentials(() =>
    instanceRoleCredentials({
      endpoint: given.metadataendpoint,
      role: ramrole ?? environment['ALIBABA_CLOUD_ECS_METADATA'],
      agents: direct,
    }),
  );
}

function fromEnvironment(
  { stsendpoint }: Given,
  { agents, environment }: Surroundings,
): CredentialSource | undefined {
  const accessKeyId = environment['ALIBABA_CLOUD_ACCESS_KEY_ID'];
  const accessKeySecret = environment['ALIBABA_CLOUD_ACCESS_KEY_SECRET'];
  if (accessKeyId !== undefined && accessKeySecret !== undefined)
    return staticCredentials({
      accessKeyId,
      accessKeySecret,
      securityToken: environment['ALIBABA_CLOUD_SECURITY_TOKEN'],
    });
  const roleArn = environment['ALIBABA_CLOUD_ROLE_ARN'];
  const providerArn = environment['ALIBABA_CLOUD_OIDC_PROVIDER_ARN'];
  const tokenFile = environment['ALIBABA_CLOUD_OIDC_TOKEN_FILE'];
  if (roleArn === undefined || providerArn === undefined || tokenFile === undefined) return undefined;
  const sessionName = environment['ALIBABA_CLOUD_ROLE_SESSION_NAME'] ?? 'longshore';
  return new RenewingCredentials(() =>
    oidcRoleCredentials({ endpoint: stsendpoint, roleArn, providerArn, tokenFile, sessionName, agents }),
  );
}
