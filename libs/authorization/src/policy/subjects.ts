import type { Identity } from '../identity.ts';

const known = new WeakMap<Identity, readonly string[]>();

/** Returns the subjects of rules that an identity is. Remembered with the identity, which lives as long as its token is known. */
export function subjectsOf(identity: Identity): readonly string[] {
  const found = known.get(identity);
  if (found !== undefined) return found;
  const subjects = namesOf(identity);
  known.set(identity, subjects);
  return subjects;
}

function namesOf({ kind, subject, groups }: Identity): readonly string[] {
  if (kind === 'anyone' || kind === 'anonymous') return ['everybody', 'anonymous'];
  const own = subject === '' ? [] : [`${kind}:${subject}`];
  return ['everybody', 'accounts', `${kind}s`, ...own, ...groups.map((group) => `group:${group}`)];
}
