import type { Grant, Identity } from '../identity.ts';

export const markKinds = ['user', 'robot', 'password', 'repository', 'credential', 'key'] as const;
export type MarkKind = (typeof markKinds)[number];

/**
 * Voids credentials that are in use. `user`, `robot`: everything that was issued to the account before; the two may have one name, and a workload may
 * have it as well. `password`: everything that was got with another password than the kept one. `repository`: grants on it in tokens issued before.
 * `credential`: the one with this id, and tokens got with it. `key`: tokens that it signed.
 */
export interface Mark {
  readonly kind: MarkKind;
  readonly name: string;
  /** Milliseconds since 1970, by the database's clock. */
  readonly before: number;
  /** Fingerprint of the valid password; '' if there is none. */
  readonly keeps?: string;
}

/** The facts of a credential by which marks find it. */
export interface MarkedFacts {
  readonly kind: Identity['kind'];
  readonly subject: string;
  /** Milliseconds since 1970. Minus infinity if the credential does not tell. */
  readonly issuedAt: number;
  /** The credential's id, and those of the credentials that it was got with. */
  readonly ids: readonly string[];
  /** Fingerprint of the password that it was got with. */
  readonly password?: string | undefined;
  /** Id of the key that signed it. */
  readonly kid?: string | undefined;
}

/** Most marks that are remembered. A mark takes about 200 bytes. */
const mostMarks = 100_000;
/**
 * Milliseconds. A mark has the time at which it was written, and counts from its commit: a login between the two sees the old password. So another
 * fingerprint is void for a little longer.
 */
const commitTime = 2000;

/** The marks that a door knows. A check is a few look-ups in maps, and none while there are no marks. */
export class VoidMarks {
  readonly #maximum: number;
  readonly #marks = new Map<string, Mark>();
  /** Everything issued before is void: marks that no longer fit are replaced by this one. */
  #floor = Number.NEGATIVE_INFINITY;

  constructor(maximum = mostMarks) {
    this.#maximum = maximum;
  }

  apply(marks: readonly Mark[]): void {
    for (const mark of marks) {
      const key = keyOf(mark.kind, mark.name);
      this.#marks.delete(key);
      this.#marks.set(key, mark);
      if (this.#marks.size > this.#maximum) this.#dropOldest();
    }
  }

  /** Tells whether the credential is void. Grants on single repositories are the matter of `admitted`. */
  voids({ kind, subject, issuedAt, ids, password, kid }: MarkedFacts): boolean {
    if (this.#marks.size === 0) return false;
    if (issuedAt < this.#floor) return true;
    if ((kind === 'user' || kind === 'robot') && issuedAt < this.#before(kind, subject)) return true;
    if (ids.some((id) => this.#marks.has(keyOf('credential', id)))) return true;
    if (kid !== undefined && this.#marks.has(keyOf('key', kid))) return true;
    if (password === undefined) return false;
    const changed = this.#marks.get(keyOf('password', subject));
    return changed !== undefined && changed.keeps !== password && issuedAt < changed.before + commitTime;
  }

  /**
   * Returns the identity of a token without the grants on repositories that ended after it was issued.
   * @returns undefined if the token is void, or if no grant is left of those that it had
   */
  admitted(identity: Identity, facts: MarkedFacts): Identity | undefined {
    if (this.#marks.size === 0) return identity;
    if (this.voids(facts)) return undefined;
    const { grants } = identity;
    if (grants === undefined) return identity;
    const isLive = ({ type, name }: Grant): boolean =>
      type !== 'repository' || facts.issuedAt >= this.#before('repository', name);
    if (grants.every(isLive)) return identity;
    const live = grants.filter(isLive);
    return live.length === 0 ? undefined : { ...identity, grants: live };
  }

  #before(kind: MarkKind, name: string): number {
    return this.#marks.get(keyOf(kind, name))?.before ?? Number.NEGATIVE_INFINITY;
  }

  #dropOldest(): void {
    const [oldest] = this.#marks;
    if (oldest === undefined) return;
    this.#marks.delete(oldest[0]);
    this.#floor = Math.max(this.#floor, oldest[1].before);
  }
}

const keyOf = (kind: MarkKind, name: string): string => `${kind} ${name}`;
