import type { PolicyAction } from './actions.ts';
import { type Condition, ConditionError } from './condition.ts';
import { RepositoryPattern } from './repository-pattern.ts';
import { type Rule, subjectProblem } from './rule.ts';

export interface CompiledRule {
  readonly rule: Rule;
  readonly actions: ReadonlySet<PolicyAction>;
  readonly patterns: readonly RepositoryPattern[];
  /** True if a pattern is `**`: the rule also counts for the registry as a whole. */
  readonly isForAll: boolean;
  readonly condition: Condition | undefined;
}

export interface RuleProblem {
  /** Place of the rule in the list. */
  readonly index: number;
  readonly key: 'name' | 'subjects' | 'actions' | 'repositories' | 'when';
  readonly message: string;
}

/** Rules that cannot be compiled. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly problems: readonly RuleProblem[];

  constructor(problems: readonly RuleProblem[]) {
    super(problems.map(({ index, key, message }) => `rules[${index}].${key} ${message}`).join('; '));
    this.problems = problems;
  }
}

interface Compiling {
  /** Undefined if no rule has a condition. */
  readonly compile: ((source: string) => Condition) | undefined;
  readonly complain: (problem: Omit<RuleProblem, 'index'>) => void;
}

export function compileRule(rule: Rule, { compile, complain }: Compiling): CompiledRule {
  for (const subject of rule.subjects) {
    const message = subjectProblem(subject);
    if (message !== undefined)
      complain({ key: 'subjects', message: `${JSON.stringify(subject)} ${message}` });
  }
  if (rule.subjects.length === 0) complain({ key: 'subjects', message: 'is empty' });
  const patterns = rule.repositories.flatMap((text) => {
    const pattern = RepositoryPattern.parse(text);
    if (typeof pattern !== 'string') return [pattern];
    complain({ key: 'repositories', message: `${JSON.stringify(text)} ${pattern}` });
    return [];
  });
  return {
    rule,
    actions: new Set(rule.actions),
    patterns,
    isForAll: patterns.some(({ parts, isOpen }) => isOpen && parts.length === 0),
    condition: conditionOf(rule, { compile, complain }),
  };
}

function conditionOf({ when }: Rule, { compile, complain }: Compiling): Condition | undefined {
  if (when === undefined || compile === undefined) return undefined;
  try {
    return compile(when);
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    complain({ key: 'when', message: error.message });
    return undefined;
  }
}
