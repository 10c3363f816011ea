import type { Digest, RepositoryName, Tag } from '@longshore/oci';
import type { Lookups } from '../lookups/lookups.ts';
import { one } from './world.ts';

/** A fact that an acknowledgement asserts. For a tag it includes the target. */
export type Fact =
  | { readonly kind: 'blob'; readonly repository: RepositoryName; readonly digest: Digest }
  /** The blob's current object is the one that was verified last. */
  | {
      readonly kind: 'object';
      readonly repository: RepositoryName;
      readonly digest: Digest;
      readonly key: string;
    }
  | { readonly kind: 'manifest'; readonly digest: Digest }
  | { readonly kind: 'tag'; readonly tag: Tag; readonly digest: Digest };

export interface Acknowledged {
  /** Facts that hold from the answer on, until another step revokes them. */
  readonly there: readonly Fact[];
  /** Facts that the client asked to end. */
  readonly gone: readonly Fact[];
}

function isSameThing(a: Fact, b: Fact): boolean {
  if (a.kind === 'tag' || b.kind === 'tag') return a.kind === 'tag' && b.kind === 'tag' && a.tag === b.tag;
  if (a.kind === 'manifest' || b.kind === 'manifest') return a.kind === b.kind && a.digest === b.digest;
  return a.kind === b.kind && a.repository === b.repository && a.digest === b.digest;
}

/**
 * Returns the facts that must hold after two answers, each with its alternatives: if both point one tag, either may be the last; a fact that one of
 * them deleted may be gone.
 */
export function expected(answers: readonly [Acknowledged, Acknowledged]): Fact[][] {
  const [first, second] = answers;
  const gone = [...first.gone, ...second.gone];
  const there = [...first.there, ...second.there];
  return there
    .filter((fact) => !gone.some((deleted) => isSameThing(deleted, fact)))
    .map((fact) => there.filter((other) => isSameThing(other, fact)));
}

export async function holds(lookups: Lookups, fact: Fact): Promise<boolean> {
  if (fact.kind === 'blob' || fact.kind === 'object') {
    const found = await lookups.blob(fact);
    return typeof found !== 'string' && (fact.kind === 'blob' || found.storageKey === fact.key);
  }
  const reference =
    fact.kind === 'tag'
      ? ({ kind: 'tag', tag: fact.tag } as const)
      : ({ kind: 'digest', digest: fact.digest } as const);
  const found = await lookups.manifest({ repository: one, reference });
  return typeof found !== 'string' && found.digest === fact.digest;
}
