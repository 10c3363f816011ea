import { type Credentials, type Holder, nobody, user } from '../../support/access-matrix.ts';
import { type Account, alice, bob } from '../../support/credentials.ts';
import { tokenFor } from '../../support/tokens.ts';

/** Returns the scopes for everything in the repositories. */
export const everything = (repositories: readonly string[]): string[] =>
  repositories.map((name) => `repository:${name}:*`);

export interface Wanted {
  readonly name: string;
  readonly account: Account | undefined;
  readonly holder: Holder;
  readonly scopes: readonly string[];
}

/** Gets a token of the registry. */
export async function scopedToken({ name, account, holder, scopes }: Wanted): Promise<Credentials> {
  return { name, authorization: `Bearer ${await tokenFor(account, scopes)}`, holder, scopes };
}

/** Gets tokens of everybody, for scopes of each kind. */
export function scopedTokens(repositories: readonly string[]): Promise<Credentials[]> {
  const holders = [
    { who: 'nobody', account: undefined, holder: nobody },
    { who: 'a maintainer', account: alice, holder: user('alice') },
    { who: 'a writer', account: bob, holder: user('bob') },
  ] as const;
  const wanted = [
    { of: 'to pull everywhere', scopes: repositories.map((name) => `repository:${name}:pull`) },
    { of: 'for everything', scopes: everything(repositories) },
    { of: 'to pull and push for one repository', scopes: ['repository:team/app:pull,push'] },
    { of: 'to delete in one repository', scopes: ['repository:public/app:delete'] },
    { of: 'for the catalog', scopes: ['registry:catalog:*'] },
    { of: 'without scopes', scopes: [] },
  ] as const;
  return Promise.all(
    holders.flatMap(({ who, account, holder }) =>
      wanted.map(({ of, scopes }) =>
        scopedToken({ name: `a token of ${who} ${of}`, account, holder, scopes }),
      ),
    ),
  );
}
