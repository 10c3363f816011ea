import {
  type ClientOrigin,
  type Grant,
  grantable,
  type Identity,
  type Rights,
  type Scope,
} from '@longshore/authorization';

/** Who asks for a token, and from where. */
export interface Asker {
  readonly identity: Identity;
  readonly client: ClientOrigin;
}

/**
 * What an identity gets of what it asked for: the part that some route asks for, and that Rights allow. Less than asked is not an error
 * (distribution's token specification): the client learns it at the door. Every way to a token goes through here, and nothing else decides.
 */
export async function grantsFor(
  rights: Rights,
  { identity, client }: Asker,
  requested: readonly Scope[],
): Promise<Grant[]> {
  const grants = await Promise.all(
    requested.map(async (scope): Promise<Grant[]> => {
      const wanted = grantable(scope);
      if (wanted === undefined) return [];
      const { type, name, actions } = wanted;
      const { granted } = await rights.decide({ identity, resource: { type, name }, actions, client });
      return granted.length === 0 ? [] : [{ type, name, actions: granted }];
    }),
  );
  return grants.flat();
}
