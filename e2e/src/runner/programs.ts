import { findProgram } from '@longshore/testing';

/** Throws with the names of missing programs: nothing is skipped silently. */
export function requirePrograms(names: readonly string[] = []): void {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) throw new Error(`missing programs: ${missing.join(', ')}`);
}
