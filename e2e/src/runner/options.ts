import type { Target } from './registry.ts';
import { type Suite, suites } from './suites.ts';

export interface Run {
  readonly suite: Suite;
  readonly target: Target;
}

/** Which suites against what. Without a form, both that are processes; without a suite, all that have a meaning there. */
export function parseOptions(options: readonly string[]): readonly Run[] {
  const targets: Target[] = [];
  const names: string[] = [];
  for (const option of options) {
    if (isTarget(option)) targets.push(option);
    else if (suites.some(({ name }) => name === option)) names.push(option);
    else
      throw new Error(
        `${option} is no form (standalone, cluster, compose, http://HOST:PORT) and no suite (${suites.map(({ name }) => name).join(', ')})`,
      );
  }
  const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name));
  return (targets.length === 0 ? (['standalone', 'cluster'] as const) : targets).flatMap((target) =>
    chosen
      .filter(({ forms }) => isExternal(target) || forms.includes(target))
      .map((suite) => ({ suite, target })),
  );
}

function isTarget(option: string): option is Target {
  return ['standalone', 'cluster', 'compose'].includes(option) || option.startsWith('http://');
}

export function isExternal(target: Target): target is `http://${string}` {
  return target.startsWith('http://');
}
