export interface OssCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Only with temporary credentials. */
  readonly securityToken?: string | undefined;
  /** End of temporary credentials; undefined if unknown or never. */
  readonly expiresAt?: Date | undefined;
}

export interface CredentialSource {
  /** @throws StorageError 'denied' or 'unavailable' if there are no credentials */
  current(): Promise<OssCredentials>;
  /** Reports that the store refused these credentials. @returns whether another call may give others */
  refused(credentials: OssCredentials): boolean;
}

/** Credentials from the configuration or the environment, which never change. */
export function staticCredentials(credentials: OssCredentials): CredentialSource {
  return { current: () => Promise.resolve(credentials), refused: () => false };
}
