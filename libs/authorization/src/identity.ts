/** A right that a token carries. */
export interface Grant {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  /** `*` stands for every action. */
  readonly actions: readonly string[];
}

/** Who asks. What they may do is for Rights to say. */
export interface Identity {
  /** `anyone`: the registry asks nobody who they are. `anonymous`: it does, and no credentials were sent. */
  readonly kind: 'anyone' | 'anonymous' | 'account' | 'token';
  /** The name of the account. Empty for a client without one. */
  readonly subject: string;
  readonly groups: readonly string[];
  /** What the issuer of the credentials says of the subject. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** What the token opens, and nothing beyond. Empty for other kinds, which carry no grants. */
  readonly grants: readonly Grant[];
}

const bare = { groups: [], claims: {}, grants: [] } as const;

export const anyone: Identity = { kind: 'anyone', subject: '', ...bare };
export const anonymous: Identity = { kind: 'anonymous', subject: '', ...bare };

export function accountNamed(subject: string): Identity {
  return { kind: 'account', subject, ...bare };
}
