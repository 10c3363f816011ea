/** A right that a token carries. */
export interface Grant {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  /** `*` means every action. */
  readonly actions: readonly string[];
}

/** An authenticated client. Rights decide what it may do. */
export interface Identity {
  /** `anyone`: the registry has no authentication. `anonymous`: it has, and no credentials were sent. */
  readonly kind: 'anyone' | 'anonymous' | 'account' | 'token';
  /** Name of the account. Empty for a client without one. */
  readonly subject: string;
  readonly groups: readonly string[];
  /** The issuer's claims about the subject. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The grants of a token, which limit it. Empty for other kinds. */
  readonly grants: readonly Grant[];
}

const bare = { groups: [], claims: {}, grants: [] } as const;

export const anyone: Identity = { kind: 'anyone', subject: '', ...bare };
export const anonymous: Identity = { kind: 'anonymous', subject: '', ...bare };

export function accountNamed(subject: string): Identity {
  return { kind: 'account', subject, ...bare };
}
