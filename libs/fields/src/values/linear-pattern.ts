import { RE2JS } from 're2js';

/** Length in UTF-16 units after which a text is cut. URLs, User-Agents and repository names are far shorter. */
const longestText = 4096;

/**
 * A pattern of the configuration. It matches in linear time, whatever the pattern (RE2, as in Go's regexp). JavaScript's RegExp backtracks:
 * distribution's own example for `validation.manifests.urls.allow` took 27 s for one URL of 77 bytes.
 */
export class LinearPattern {
  readonly #expression: RE2JS;

  private constructor(expression: RE2JS) {
    this.#expression = expression;
  }

  /** Compiles a regular expression like Go's `regexp.Compile`. @returns undefined if it is invalid */
  static ofExpression(source: string): LinearPattern | undefined {
    try {
      return new LinearPattern(RE2JS.compile(source));
    } catch {
      return undefined; // The field reports the error.
    }
  }

  /**
   * Compiles a glob over a path. `*` and `?` stay within a segment; `**` as a whole segment matches any number of them; `[a-z]` and `{a,b}` are
   * alternatives. A glob matches the whole text. @returns undefined if it is invalid
   */
  static ofGlob(glob: string): LinearPattern | undefined {
    const source = expressionOf(glob);
    return source === undefined ? undefined : LinearPattern.ofExpression(`^(?:${source})$`);
  }

  /**
   * Compiles a glob over the claim of a token, such as `repo:team/*:ref:refs/heads/main`. `*` stays between two of the characters `/` and `:`, so a name
   * that a stranger chose cannot add parts of its own; `**` matches anything. Every other character is literal. A glob matches the whole text.
   */
  static ofClaim(glob: string): LinearPattern {
    const source = glob
      .split(/(\*+)/)
      .map((piece) => (piece === '*' ? '[^/:]*' : piece.startsWith('**') ? '(?s:.*)' : RE2JS.quote(piece)))
      .join('');
    return new LinearPattern(RE2JS.compile(`\\A(?:${source})\\z`));
  }

  /** Whether the pattern matches anywhere in the first 4096 characters of the text. */
  test(text: string): boolean {
    return this.#expression.test(text.slice(0, longestText));
  }
}

/**
 * A part of a glob: a wildcard across segments, another wildcard, a class, a delimiter of alternatives, an escaped character, or any other character.
 */
const part =
  /(?<folders>(?<=^|\/)\*\*\/)|(?<rest>(?<=^|\/)\*\*$)|\*+|\?|\[(?<not>!)?(?<among>[^\]/]+)\]|[{},]|\\(?<literal>.)|./gsu;

function expressionOf(glob: string): string | undefined {
  let depth = 0;
  let source = '';
  // Bash's extended globs are not supported. Taken literally they would match nothing, without an error.
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
