import { OssError } from '../wire/oss-error.ts';

export interface OssCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** Temporary credentials as STS issues them for a role: a key, a secret and a token that belong together. */
export interface OssTemporaryCredentials extends OssCredentials {
  readonly securityToken: string;
  readonly expiresAt: Date;
}

type AnyCredentials = OssCredentials | OssTemporaryCredentials;

/**
 * Returns the secret of a known key. Temporary keys are valid only with their token, and permanent keys only without one.
 * @throws OssError InvalidAccessKeyId, InvalidSecurityToken, SecurityTokenExpired
 */
export function secretOf(
  known: readonly AnyCredentials[],
  used: { readonly accessKeyId: string; readonly securityToken: string | undefined; readonly now: Date },
): string {
  const found = known.find(({ accessKeyId }) => accessKeyId === used.accessKeyId);
  const isTemporary = found !== undefined && 'securityToken' in found;
  if (found === undefined || isTemporary !== (used.securityToken !== undefined))
    throw new OssError('InvalidAccessKeyId', { OSSAccessKeyId: used.accessKeyId });
  if (isTemporary && found.securityToken !== used.securityToken) throw new OssError('InvalidSecurityToken');
  if (isTemporary && found.expiresAt <= used.now) throw new OssError('SecurityTokenExpired');
  return found.accessKeySecret;
}
