/** The actions of a policy. `overwrite` moves an existing tag; `list` shows a repository in the catalog; `admin` manages access and settings. */
export const policyActions = ['pull', 'list', 'push', 'overwrite', 'delete', 'admin'] as const;
export type PolicyAction = (typeof policyActions)[number];

/** The roles, each with its actions. */
export const roles = {
  none: [],
  reader: ['pull', 'list'],
  writer: ['pull', 'list', 'push'],
  maintainer: ['pull', 'list', 'push', 'overwrite', 'delete'],
  owner: policyActions,
} as const satisfies Readonly<Record<string, readonly PolicyAction[]>>;

export type Role = keyof typeof roles;
export const roleNames = [
  'none',
  'reader',
  'writer',
  'maintainer',
  'owner',
] as const satisfies readonly Role[];

const known = new Set<string>(policyActions);
export const isPolicyAction = (word: string): word is PolicyAction => known.has(word);
