import { isPolicyAction, type PolicyAction } from './actions.ts';

/** A rule of access, as an operator writes it. It applies if the subject, an action and a repository match and the condition holds. */
export interface Rule {
  /** Unique. Decisions and the audit log name it. */
  readonly name: string;
  /** A rule that denies wins over every rule that allows. */
  readonly effect: 'allow' | 'deny';
  /** `everybody`, `anonymous`, `accounts`, `users`, `robots`, `workloads`, `user:<name>`, `robot:<name>`, `workload:<name>`, or `group:<name>`. */
  readonly subjects: readonly string[];
  readonly actions: readonly PolicyAction[];
  /** Patterns of repository names (RepositoryPattern). */
  readonly repositories: readonly string[];
  /** A condition in CEL. Undefined if there is none. */
  readonly when?: string | undefined;
}

/** A rule of the database. A later version may have written it, and know more actions. */
export interface StoredRule extends Omit<Rule, 'actions'> {
  readonly actions: readonly string[];
}

/** Returns a stored rule with those of its actions that this version knows. */
export const ruleOf = (stored: StoredRule): Rule => ({
  ...stored,
  actions: stored.actions.filter(isPolicyAction),
});

const collective = ['everybody', 'anonymous', 'accounts', 'users', 'robots', 'workloads'];
// oxlint-disable-next-line no-control-regex -- it looks for exactly these
const named = /^(?:user|robot|workload|group):[^\x00-\x1f\x7f]{1,256}$/;

/** Returns what is wrong with a subject of a rule, or undefined. */
export function subjectProblem(subject: string): string | undefined {
  return collective.includes(subject) || named.test(subject)
    ? undefined
    : `is none of ${collective.join(', ')}, user:<name>, robot:<name>, workload:<name>, group:<name>`;
}
