export interface OssCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Of temporary ones. */
  readonly securityToken?: string | undefined;
  /** When temporary ones end; undefined: not known, or never. */
  readonly expiresAt?: Date | undefined;
}

export interface CredentialSource {
  /** @throws StorageError 'denied' or 'unavailable' when there are none */
  current(): Promise<OssCredentials>;
  /** The store does not take these any more. @returns whether others may be had by asking again */
  refused(credentials: OssCredentials): boolean;
}

/** Keys that somebody wrote down. */
export function staticCredentials(credentials: OssCredentials): CredentialSource {
  return { current: () => Promise.resolve(credentials), refused: () => false };
}
