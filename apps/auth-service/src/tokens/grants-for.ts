import { isAllowed, type Grant, type Identity, type Scope } from '@longshore/authorization';
import { isRepositoryName } from '@longshore/oci';

const everyAction = ['pull', 'push', 'delete'];

/**
 * What an identity gets of what it asked for: the part it has a right to. Less than asked is not an error (distribution's token
 * specification): the client learns it at the door. Every way to a token goes through here, and nothing else decides.
 */
export function grantsFor(identity: Identity, requested: readonly Scope[]): Grant[] {
  return requested.flatMap((scope) => {
    const grant = grantable(scope);
    const actions =
      grant?.actions.filter((action) =>
        isAllowed(identity, { type: grant.type, name: grant.name, action }),
      ) ?? [];
    return grant === undefined || actions.length === 0 ? [] : [{ ...grant, actions }];
  });
}

/** The part of a scope that names something there can be. `*` on a repository is written out, so that a token says what it opens. */
function grantable({ type, name, actions }: Scope): Grant | undefined {
  if (type === 'registry')
    return name === 'catalog' && actions.includes('*') ? { type, name, actions: ['*'] } : undefined;
  if (type !== 'repository' || !isRepositoryName(name)) return undefined;
  return {
    type,
    name,
    actions: everyAction.filter((action) => actions.includes(action) || actions.includes('*')),
  };
}
