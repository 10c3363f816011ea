import type { Identity } from '../identity.ts';
import type { ClientOrigin } from '../rights.ts';
import { type PolicyAction, roles } from './actions.ts';
import { type Condition, conditionCompiler } from './condition.ts';
import { type CompiledRule, compileRule, PolicyError, type RuleProblem } from './compile-rule.ts';
import type { NameRange } from './repository-pattern.ts';
import type { Rule } from './rule.ts';
import { RuleTree } from './rule-tree.ts';
import { subjectsOf } from './subjects.ts';

/** May this identity do this to this repository? */
export interface PolicyQuestion {
  readonly identity: Identity;
  readonly client: ClientOrigin;
  /** Undefined asks for the registry as a whole: rules for `**` decide. */
  readonly repository: string | undefined;
  /** Undefined if the request names none: an upload, a digest, a token that is issued before the tag is known. */
  readonly tag: string | undefined;
  readonly action: PolicyAction;
}

export interface Verdict {
  readonly allowed: boolean;
  /** The rule that decided. Undefined if no rule applied, which denies. */
  readonly rule: string | undefined;
}

/** One rule's part in a decision. */
export interface Explanation {
  readonly rule: Rule;
  /** `applies`, or the first reason why it does not. */
  readonly outcome:
    'applies' | 'another subject' | 'another action' | 'another repository' | 'the condition does not hold';
  /** The error of a condition that could not be evaluated. A rule that denies applies then. */
  readonly failed?: string;
}

/**
 * Rules, compiled once. A rule that denies wins; what no rule allows is denied. Immutable, so a new set of rules is a new policy. A decision takes
 * microseconds with 10,000 rules, and a condition (CEL) some tens of microseconds more.
 */
export class Policy {
  readonly rules: readonly Rule[];
  readonly #compiled: readonly CompiledRule[];
  readonly #tree = new RuleTree<CompiledRule>();

  private constructor(compiled: readonly CompiledRule[]) {
    this.#compiled = compiled;
    this.rules = compiled.map(({ rule }) => rule);
    for (const each of compiled)
      for (const pattern of each.patterns) this.#tree.add(pattern, each.rule.subjects, each);
  }

  /** @throws PolicyError with everything that is wrong */
  static async compile(rules: readonly Rule[]): Promise<Policy> {
    const hasConditions = rules.some(({ when }) => when !== undefined);
    return Policy.#of(rules, hasConditions ? await conditionCompiler() : undefined);
  }

  /** The rules of a registry without rules: accounts may do everything in repositories. The rule has the name of the key that changes it. */
  static readonly ordinary = Policy.#of([
    {
      name: 'access.accounts',
      effect: 'allow',
      subjects: ['accounts'],
      actions: roles.maintainer,
      repositories: ['**'],
    },
  ]);

  static #of(rules: readonly Rule[], compile?: (source: string) => Condition): Policy {
    const problems: RuleProblem[] = [];
    const names = new Set<string>();
    const compiled = rules.map((rule, index) => {
      if (names.has(rule.name)) problems.push({ index, key: 'name', message: 'is the name of two rules' });
      names.add(rule.name);
      return compileRule(rule, { compile, complain: (about) => problems.push({ index, ...about }) });
    });
    if (problems.length > 0) throw new PolicyError(problems);
    return new Policy(compiled);
  }

  decide(question: PolicyQuestion): Verdict {
    const { identity, repository } = question;
    let allowed: string | undefined;
    let denied: string | undefined;
    const weigh = (compiled: CompiledRule): void => {
      const { rule, actions } = compiled;
      if (denied !== undefined || (rule.effect === 'allow' && allowed !== undefined)) return;
      if (!actions.has(question.action) || !holds(compiled, question).holds) return;
      if (rule.effect === 'deny') denied = rule.name;
      else allowed = rule.name;
    };
    const subjects = subjectsOf(identity);
    if (repository === undefined) {
      for (const compiled of this.#compiled)
        if (compiled.isForAll && isAbout(compiled.rule, subjects)) weigh(compiled);
    } else {
      this.#tree.visit(repository, { subjects, own: identity.subject }, weigh);
    }
    return { allowed: denied === undefined && allowed !== undefined, rule: denied ?? allowed };
  }

  /** Tells whether a rule allows the action on some repository. Looks at no condition: the repositories are decided one by one. */
  allowsSomewhere(identity: Identity, action: PolicyAction): boolean {
    return this.#allowing(identity, action).length > 0;
  }

  /**
   * Returns ranges of names that contain every repository on which a rule allows the action: sorted, and apart from each other. They may contain
   * others; `decide` tells.
   */
  ranges(identity: Identity, action: PolicyAction): NameRange[] {
    const ranges = this.#allowing(identity, action)
      .flatMap(({ patterns }) => patterns.map((pattern) => pattern.range(identity.subject)))
      .filter((range) => range !== undefined)
      .toSorted((a, b) => compare(a.from, b.from));
    const merged: { from: string; to: string }[] = [];
    for (const { from, to } of ranges) {
      const last = merged.at(-1);
      if (last === undefined || compare(from, last.to) > 0) merged.push({ from, to });
      else if (compare(to, last.to) > 0) last.to = to;
    }
    return merged;
  }

  /** Says for each rule whether it applies, and otherwise why not. Rules that decide come first. */
  explain(question: PolicyQuestion): Explanation[] {
    const subjects = subjectsOf(question.identity);
    const explained = this.#compiled.map((compiled): Explanation => {
      const { rule, actions } = compiled;
      if (!isAbout(rule, subjects)) return { rule, outcome: 'another subject' };
      if (!actions.has(question.action)) return { rule, outcome: 'another action' };
      if (!isOn(compiled, question)) return { rule, outcome: 'another repository' };
      const { holds: applies, failed } = holds(compiled, question);
      return {
        rule,
        outcome: applies ? 'applies' : 'the condition does not hold',
        ...(failed === undefined ? {} : { failed }),
      };
    });
    const rank = ({ rule, outcome }: Explanation): number =>
      outcome === 'applies' ? (rule.effect === 'deny' ? 0 : 1) : 2;
    return explained.toSorted((a, b) => rank(a) - rank(b));
  }

  #allowing(identity: Identity, action: PolicyAction): CompiledRule[] {
    const subjects = subjectsOf(identity);
    return this.#compiled.filter(
      ({ rule, actions }) => rule.effect === 'allow' && actions.has(action) && isAbout(rule, subjects),
    );
  }
}

const isOn = ({ patterns, isForAll }: CompiledRule, { identity, repository }: PolicyQuestion): boolean =>
  repository === undefined
    ? isForAll
    : patterns.some((pattern) => pattern.matches(repository, identity.subject));

const isAbout = ({ subjects }: Rule, those: readonly string[]): boolean =>
  subjects.some((subject) => those.includes(subject));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Evaluates the condition of a rule. If it fails, a rule that allows does not apply, and a rule that denies does. If it depends on the tag and the
 * request names none, a push or pull gets the benefit of the doubt, since uploads and digests have no tag and the tag is checked where it is named.
 * A deletion does not: deleting a digest deletes its tags.
 */
function holds(
  { rule, condition }: CompiledRule,
  { identity, client, repository = '', tag, action }: PolicyQuestion,
): { readonly holds: boolean; readonly failed?: string | undefined } {
  const value = condition?.({ identity, client, repository, tag, action }) ?? true;
  if (typeof value === 'boolean') return { holds: value };
  const { needsTag, failed } = value;
  const isInDoubt = needsTag && action !== 'delete' && action !== 'overwrite';
  return { holds: rule.effect === 'allow' ? isInDoubt && failed === undefined : !isInDoubt, failed };
}
