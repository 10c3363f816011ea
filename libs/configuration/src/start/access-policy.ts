import { Policy, PolicyError, type Role, roles, type Rule, type RuleProblem } from '@longshore/authorization';
import { ConfigurationError, type Problem } from '../configuration-error.ts';
import type { Configuration } from '../schema.ts';

/** A rule, and the key of the configuration that it comes from. */
interface Sourced {
  readonly path: string;
  readonly rule: Rule;
}

/** Compiles the rules of the configuration. Without `access`, accounts may do everything in repositories. @throws ConfigurationError with everything that is wrong */
export async function accessPolicy({ access }: Configuration): Promise<Policy> {
  if (access === undefined) return Policy.ordinary;
  const sourced = sourcedRules(access);
  try {
    return await Policy.compile(sourced.map(({ rule }) => rule));
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause;
    throw new ConfigurationError(
      cause.problems.map((problem) => problemOf(problem, sourced)),
      { cause },
    );
  }
}

/** Returns what is wrong with the rules. */
export async function accessProblems(configuration: Configuration): Promise<readonly Problem[]> {
  const { access, auth } = configuration;
  if (access === undefined) return [];
  if (auth === undefined)
    return [
      {
        path: 'access',
        message: 'needs auth: without it nobody is identified, and everybody may do everything',
      },
    ];
  const empty = access.rules.flatMap(({ role, actions }, index): Problem[] =>
    role === undefined && actions.length === 0
      ? [{ path: `access.rules.${index}`, message: 'names neither a role nor actions' }]
      : [],
  );
  try {
    await accessPolicy(configuration);
    return empty;
  } catch (error) {
    if (error instanceof ConfigurationError) return [...empty, ...error.problems];
    throw error;
  }
}

function sourcedRules(access: NonNullable<Configuration['access']>): Sourced[] {
  const everybody = allowing('access.everybody', ['everybody'], access.everybody);
  const accounts = allowing('access.accounts', ['accounts'], access.accounts);
  const own = allowing('access.ownnamespace', ['users'], 'owner', '${subject}/**');
  const written = access.rules.map(({ role, actions, ...rule }, index): Sourced => {
    const all = [...new Set([...(role === undefined ? [] : roles[role]), ...actions])];
    return { path: `access.rules.${index}`, rule: { ...rule, actions: all } };
  });
  return [
    ...(access.everybody === 'none' ? [] : [everybody]),
    ...(access.accounts === 'none' ? [] : [accounts]),
    ...(access.ownnamespace ? [own] : []),
    ...written,
  ];
}

const allowing = (path: string, subjects: readonly string[], role: Role, repositories = '**'): Sourced => ({
  path,
  rule: { name: path, effect: 'allow', subjects, actions: roles[role], repositories: [repositories] },
});

function problemOf({ index, key, message }: RuleProblem, sourced: readonly Sourced[]): Problem {
  return { path: `${sourced[index]?.path ?? 'access.rules'}.${key}`, message };
}
