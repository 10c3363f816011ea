import type { LinearPattern } from '@longshore/fields';
import { isComponent, type PatternPart, RepositoryPattern } from './repository-pattern.ts';

/** The rules of one place in the tree, by the subject that they apply to. */
type Bucket<T> = Map<string, T[]>;

class Place<T> {
  readonly texts = new Map<string, Place<T>>();
  readonly globs: { readonly text: string; readonly expression: LinearPattern; readonly place: Place<T> }[] =
    [];
  any: Place<T> | undefined;
  subject: Place<T> | undefined;
  /** Rules of patterns that end here. */
  readonly here: Bucket<T> = new Map();
  /** Rules of patterns that go on with `**`. */
  readonly below: Bucket<T> = new Map();
}

/**
 * Finds the rules whose pattern matches a repository's name and that apply to one of some subjects. The cost depends on the depth of the name and on
 * the number of subjects, not on the number of rules.
 */
export class RuleTree<T> {
  readonly #root = new Place<T>();

  add(pattern: RepositoryPattern, subjects: readonly string[], rule: T): void {
    let place = this.#root;
    for (const part of pattern.parts) place = next(place, part);
    const bucket = pattern.isOpen ? place.below : place.here;
    for (const subject of subjects) {
      const rules = bucket.get(subject);
      if (rules === undefined) bucket.set(subject, [rule]);
      else rules.push(rule);
    }
  }

  /** Calls `visit` with each rule that matches. A rule with several patterns or subjects may be visited more than once. */
  visit(
    repository: string,
    { subjects, own }: { readonly subjects: readonly string[]; readonly own: string },
    visit: (rule: T) => void,
  ): void {
    const components = repository.split('/');
    const ownComponent = isComponent(own) ? own : undefined;
    const each = (bucket: Bucket<T>): void => {
      if (bucket.size === 0) return;
      for (const subject of subjects) bucket.get(subject)?.forEach(visit);
    };
    const descend = (place: Place<T>, depth: number): void => {
      const component = components[depth];
      if (component === undefined) {
        each(place.here);
        return;
      }
      each(place.below);
      const child = place.texts.get(component);
      if (child !== undefined) descend(child, depth + 1);
      if (place.any !== undefined) descend(place.any, depth + 1);
      if (place.subject !== undefined && component === ownComponent) descend(place.subject, depth + 1);
      for (const glob of place.globs) if (glob.expression.test(component)) descend(glob.place, depth + 1);
    };
    descend(this.#root, 0);
  }
}

function next<T>(place: Place<T>, part: PatternPart): Place<T> {
  switch (part.kind) {
    case 'text': {
      const child = place.texts.get(part.text) ?? new Place<T>();
      place.texts.set(part.text, child);
      return child;
    }
    case 'any':
      return (place.any ??= new Place<T>());
    case 'subject':
      return (place.subject ??= new Place<T>());
    case 'glob': {
      const known = place.globs.find(({ text }) => text === part.text);
      if (known !== undefined) return known.place;
      const child = new Place<T>();
      place.globs.push({ text: part.text, expression: part.expression, place: child });
      return child;
    }
  }
}
