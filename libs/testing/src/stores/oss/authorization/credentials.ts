import { OssError } from '../wire/oss-error.ts';

export interface OssCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** What STS gives for a role: three parts that go together, for a time. */
export interface OssTemporaryCredentials extends OssCredentials {
  readonly securityToken: string;
  readonly expiresAt: Date;
}

type AnyCredentials = OssCredentials | OssTemporaryCredentials;

/**
 * The secret of a key that the store knows. Temporary keys count only with their token, and others only without one.
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
