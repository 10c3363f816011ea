/** A right that a token of a token server carries. */
export interface Grant {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  /** `*` means every action. */
  readonly actions: readonly string[];
}

/** The limit of a personal access token or a robot: its holder may do this and nothing else, however much its account may do. */
export interface Limit {
  /** Actions of a policy. */
  readonly actions: readonly string[];
  /** Patterns of repositories. */
  readonly repositories: readonly string[];
}

export const credentialKinds = [
  'none',
  'password',
  'token',
  'foreign-token',
  'access-token',
  'certificate',
  'assertion',
] as const;

/** How an identity was proved. Nothing of it is secret, so it may be logged. */
export interface CredentialFacts {
  /**
   * `token`: issued by the registry's token endpoint. `foreign-token`: issued by an external token server. `access-token`: a personal access token,
   * or the secret of a robot. `assertion`: a token of an identity provider.
   */
  readonly kind: (typeof credentialKinds)[number];
  /** Names the credential in the audit log: the `jti` of a token, the id of an access token. */
  readonly id?: string;
  /** The issuer of a token or an assertion. */
  readonly issuer?: string;
  /** Milliseconds since 1970. */
  readonly issuedAt?: number;
  /** The credential that a token was got with. */
  readonly gotWith?: CredentialFacts;
}

/** An identified client. Rights decide what it may do. */
export interface Identity {
  /** `anyone`: the registry has no authentication. `anonymous`: it has, and the client has no account. */
  readonly kind: 'anyone' | 'anonymous' | 'user' | 'robot' | 'workload';
  /** Name of the account. Empty for a client without one. */
  readonly subject: string;
  readonly groups: readonly string[];
  /** The issuer's claims about the subject. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly credential: CredentialFacts;
  /** The scopes that a token was issued for, which limit it. Undefined if the credential has no scopes. */
  readonly grants?: readonly Grant[];
  /** Undefined if the credential is not limited. */
  readonly limits?: readonly Limit[];
}

const bare = { groups: [], claims: {}, credential: { kind: 'none' } } as const;

export const anyone: Identity = { kind: 'anyone', subject: '', ...bare };
export const anonymous: Identity = { kind: 'anonymous', subject: '', ...bare };

/** Returns the user that a password proved. */
export function userNamed(subject: string): Identity {
  return { kind: 'user', subject, ...bare, credential: { kind: 'password' } };
}
