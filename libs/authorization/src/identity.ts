/** A right that somebody holds. */
export interface Grant {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  /** `*` stands for every action. */
  readonly actions: readonly string[];
}

/** Who asks, and what is open to them. */
export interface Identity {
  /** Empty for an anonymous client. */
  readonly subject: string;
  readonly kind: 'anonymous' | 'account' | 'token';
  readonly grants: readonly Grant[] | 'all';
}

export interface Access {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  readonly action: string;
}

/** Whether a grant names exactly this resource and this action. No action implies another: who may push may not delete. */
export function isAllowed(identity: Identity, { type, name, action }: Access): boolean {
  if (identity.grants === 'all') return true;
  return identity.grants.some(
    (grant) =>
      grant.type === type &&
      grant.name === name &&
      (grant.actions.includes(action) || grant.actions.includes('*')),
  );
}

/** Whether every action of every scope is allowed. */
export function isAllowedAll(
  identity: Identity,
  scopes: readonly { readonly type: string; readonly name: string; readonly actions: readonly string[] }[],
): boolean {
  return scopes.every(
    ({ type, name, actions }) =>
      (type === 'repository' || type === 'registry') &&
      actions.every((action) => isAllowed(identity, { type, name, action })),
  );
}
