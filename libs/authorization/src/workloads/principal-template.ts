import { type Claims, claimValues } from './claim-at.ts';

/** Characters of a claim that may become part of a name. */
const nameable = /^[\w.:@/+-]{1,255}$/;
const placeholder = /\{([^{}]+)\}/;

/**
 * A name made of fixed text and claims: `{repository}@{environment}`. Two workloads never get the same name from different claims: fixed text stands
 * between two claims, and a value that contains the character after its claim is refused.
 */
export class PrincipalTemplate {
  /** Fixed text and names of claims by turns; the first and the last are fixed text, perhaps empty. */
  readonly #parts: readonly string[];

  private constructor(parts: readonly string[]) {
    this.#parts = parts;
  }

  /** @returns undefined if braces do not match, or if nothing stands between two claims */
  static of(text: string): PrincipalTemplate | undefined {
    const parts = text.split(placeholder);
    const fixed = parts.filter((_, index) => index % 2 === 0);
    const isFixedText = fixed.every((part) => part === '' || nameable.test(part));
    const isSeparated = fixed.slice(1, -1).every((part) => part !== '');
    return text !== '' && isFixedText && isSeparated ? new PrincipalTemplate(parts) : undefined;
  }

  /** @returns undefined if a claim is absent, is a list or an object, or cannot be part of a name */
  fill(claims: Claims): string | undefined {
    let name = '';
    for (const [index, part] of this.#parts.entries()) {
      const value = index % 2 === 0 ? part : insertable(claims, part, this.#parts[index + 1]);
      if (value === undefined) return undefined;
      name += value;
    }
    return name;
  }
}

function insertable(claims: Claims, claim: string, next = ''): string | undefined {
  const [value, ...more] = claimValues(claims, claim);
  if (value === undefined || more.length > 0 || !nameable.test(value)) return undefined;
  return next !== '' && value.includes(next.charAt(0)) ? undefined : value;
}
