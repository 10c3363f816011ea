import { RE2JS } from 're2js';

/** What comes after it is not looked at: URLs, User-Agents and repository names are far shorter. UTF-16 units. */
const longestText = 4096;

/**
 * A pattern of the configuration, matched in time proportional to the text whatever the pattern is (RE2, as in Go's regexp). JavaScript's
 * RegExp backtracks: distribution's own example for `validation.manifests.urls.allow` took 27 s for one URL of 77 bytes.
 */
export class LinearPattern {
  readonly #expression: RE2JS;

  private constructor(expression: RE2JS) {
    this.#expression = expression;
  }

  /** Reads a regular expression as Go's `regexp.Compile` does. @returns undefined when it is none */
  static ofExpression(source: string): LinearPattern | undefined {
    try {
      return new LinearPattern(RE2JS.compile(source));
    } catch {
      return undefined; // The field's refusal says it.
    }
  }

  /**
   * Reads a glob over a path: `*` and `?` stay within a segment, `**` as a whole segment spans any number of them, `[a-z]` and `{a,b}`
   * are alternatives. It matches the whole text. @returns undefined when it is none
   */
  static ofGlob(glob: string): LinearPattern | undefined {
    const source = expressionOf(glob);
    return source === undefined ? undefined : LinearPattern.ofExpression(`^(?:${source})$`);
  }

  /** Whether the pattern matches anywhere in the first 4096 characters of the text. */
  test(text: string): boolean {
    return this.#expression.test(text.slice(0, longestText));
  }
}

/** A part of a glob: what spans segments, the wildcards, a class, the marks of alternatives, an escaped character, any other. */
const part =
  /(?<folders>(?<=^|\/)\*\*\/)|(?<rest>(?<=^|\/)\*\*$)|\*+|\?|\[(?<not>!)?(?<among>[^\]/]+)\]|[{},]|\\(?<literal>.)|./gsu;

function expressionOf(glob: string): string | undefined {
  let depth = 0;
  let source = '';
  // Bash's extended globs are not spoken. Taken literally they would match nothing, and nobody would be told.
  if (/[@!+*?]\(/.test(glob)) return undefined;
  for (const { 0: piece, groups } of glob.matchAll(part)) {
    if (piece === '{') depth++;
    if (piece === '}' && depth-- === 0) return undefined;
    source += translated(piece, groups ?? {}, depth);
  }
  return depth === 0 ? source : undefined;
}

function translated(
  piece: string,
  { folders, rest, not, among, literal }: Readonly<Record<string, string | undefined>>,
  depth: number,
): string {
  if (folders !== undefined) return '(?:[^/]+/)*';
  if (rest !== undefined) return '.+';
  if (among !== undefined) return `[${not === undefined ? '' : '^/'}${among.replaceAll(/[\\^[]/g, '\\$&')}]`;
  if (literal !== undefined) return RE2JS.quote(literal);
  if (piece.startsWith('*')) return '[^/]*';
  if (piece === '?') return '[^/]';
  if (piece === '{') return '(?:';
  if (piece === '}') return ')';
  return piece === ',' && depth > 0 ? '|' : RE2JS.quote(piece);
}
