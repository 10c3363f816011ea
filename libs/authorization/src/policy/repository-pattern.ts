import { LinearPattern } from '@longshore/fields';

/** Names from `from` on, before `to`, in byte order. */
export interface NameRange {
  readonly from: string;
  readonly to: string;
}

/** A component of a pattern: a text, `*` (any component), a component with wildcards, or the subject's own name. */
export type PatternPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'glob'; readonly text: string; readonly expression: LinearPattern }
  | { readonly kind: 'subject' };

/** The component of a pattern that stands for the name of the asking account. */
export const ownName = '${subject}';

const longest = 256;
const componentGrammar = /^[a-z0-9*]+(?:(?:\.|_{1,2}|-+)?[a-z0-9*]+)*-?$/;

/**
 * A pattern of repository names. Components are separated by `/`. `*` in a component matches any characters of it, `**` at the end matches everything
 * below, and `${subject}` the name of the asking account. `team/**` does not match `team` itself.
 */
export class RepositoryPattern {
  readonly parts: readonly PatternPart[];
  /** True if the pattern ends with `**`. */
  readonly isOpen: boolean;

  private constructor(parts: readonly PatternPart[], isOpen: boolean) {
    this.parts = parts;
    this.isOpen = isOpen;
  }

  /** Returns the pattern, or what is wrong with the text. */
  static parse(text: string): RepositoryPattern | string {
    if (text.length > longest) return `is longer than ${longest} characters`;
    const components = text.split('/');
    const isOpen = components.at(-1) === '**';
    if (isOpen) components.pop();
    const parts: PatternPart[] = [];
    for (const component of components) {
      const part = partOf(component);
      if (part === undefined)
        return `is no pattern of repository names at ${JSON.stringify(component)}: components of a-z, 0-9, ., _, - and *, with \${subject} as a component and ** at the end`;
      parts.push(part);
    }
    return parts.length === 0 && !isOpen ? 'is empty' : new RepositoryPattern(parts, isOpen);
  }

  /** @param subject the name of the asking account */
  matches(name: string, subject: string): boolean {
    const components = name.split('/');
    const { length } = this.parts;
    if (this.isOpen ? components.length <= length : components.length !== length) return false;
    return this.parts.every((part, index) => isMatch(part, components[index] ?? '', subject));
  }

  /** Returns the smallest known range with all names that match for this subject. Undefined if none can match. */
  range(subject: string): NameRange | undefined {
    const texts: string[] = [];
    for (const part of this.parts) {
      if (part.kind === 'subject' && !isComponent(subject)) return undefined;
      const text = part.kind === 'subject' ? subject : part.kind === 'text' ? part.text : undefined;
      if (text === undefined) return prefixed(texts.map((each) => `${each}/`).join('') + literalStart(part));
      texts.push(text);
    }
    const whole = texts.join('/');
    if (!this.isOpen) return { from: whole, to: `${whole}!` };
    return prefixed(texts.length === 0 ? '' : `${whole}/`);
  }
}

/** Tells whether a component of a name matches that of a pattern. */
export function isMatch(part: PatternPart, component: string, subject: string): boolean {
  switch (part.kind) {
    case 'any':
      return true;
    case 'text':
      return part.text === component;
    case 'glob':
      return part.expression.test(component);
    case 'subject':
      return component === subject;
  }
}

/** `!` sorts before, and `~` after, every character of a repository's name. */
const prefixed = (start: string): NameRange => ({ from: start, to: `${start}~` });

const literalStart = (part: PatternPart): string =>
  part.kind === 'glob' ? part.text.slice(0, part.text.indexOf('*')) : '';

/** Tells whether a subject's name can be a component of a repository's name. */
export const isComponent = (name: string): boolean =>
  !name.includes('*') && componentGrammar.test(name) && !name.endsWith('-');

function partOf(component: string): PatternPart | undefined {
  if (component === ownName) return { kind: 'subject' };
  if (component === '*') return { kind: 'any' };
  if (component.includes('**') || !componentGrammar.test(component)) return undefined;
  if (!component.includes('*'))
    return component.endsWith('-') ? undefined : { kind: 'text', text: component };
  const expression = LinearPattern.ofGlob(component);
  return expression && { kind: 'glob', text: component, expression };
}
