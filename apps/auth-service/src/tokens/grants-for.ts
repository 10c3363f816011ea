import {
  type ClientOrigin,
  type Grant,
  grantable,
  type Identity,
  type Rights,
  type Scope,
} from '@longshore/authorization';

/** An identity that asks for a token, and its client. */
export interface Asker {
  readonly identity: Identity;
  readonly client: ClientOrigin;
}

/**
 * Returns the part of the requested access that some route requires and that Rights allow. Granting less than requested is no error (distribution's
 * token specification): the client is refused when it uses the token. Every way to a token calls this function, and nothing else decides.
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
