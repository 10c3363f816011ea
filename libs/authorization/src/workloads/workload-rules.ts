import { type Claims, claimValues } from './claim-at.ts';
import type { PrincipalTemplate } from './principal-template.ts';

export interface WorkloadRule {
  /** Claims by name (`claimValues`). All must match; of a list, one value. Not empty. */
  readonly claims: Readonly<Record<string, { test(value: string): boolean }>>;
  /** The second part of the name. Without it the name is that of the issuer. */
  readonly principal?: PrincipalTemplate | undefined;
  readonly groups: readonly string[];
}

export interface Workload {
  /** The issuer's name in the configuration, or that name, a slash, and the rule's principal. */
  readonly subject: string;
  readonly groups: readonly string[];
}

/** Characters of a name. */
const longestName = 255;
/** Characters of a claim that a rule compares. A longer one matches nothing. */
const longestClaim = 1024;

/**
 * Maps the claims of one issuer to workloads. The first rule that matches decides. The subject begins with the issuer's name, so a workload of one issuer
 * never has the name of another's.
 */
export class WorkloadRules {
  readonly #issuer: string;
  readonly #rules: readonly WorkloadRule[];

  /** @param issuer its name in the configuration, without a slash */
  constructor(issuer: string, rules: readonly WorkloadRule[]) {
    this.#issuer = issuer;
    this.#rules = rules;
  }

  /** @returns undefined if no rule matches, or if the claims make no name */
  workload(claims: Claims): Workload | undefined {
    const rule = this.#rules.find((candidate) => matches(candidate, claims));
    if (rule === undefined) return undefined;
    const { principal, groups } = rule;
    if (principal === undefined) return { subject: this.#issuer, groups };
    const name = principal.fill(claims);
    const subject = `${this.#issuer}/${name}`;
    return name === undefined || subject.length > longestName ? undefined : { subject, groups };
  }
}

function matches({ claims: patterns }: WorkloadRule, claims: Claims): boolean {
  return Object.entries(patterns).every(([name, pattern]) =>
    claimValues(claims, name).some((value) => value.length <= longestClaim && pattern.test(value)),
  );
}
