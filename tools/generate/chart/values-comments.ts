import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

/** A value of values.yaml, as readers see it. */
export interface ValueComment {
  /** `storage.persistence.size`. */
  readonly path: string;
  readonly comment: string;
  /** The default as JSON. Absent for a group. */
  readonly fallback?: string;
}

/**
 * Reads the values with the comments before them. A map in braces is one value; a map over several lines is a group of values.
 * @throws Error that names a value without a comment
 */
export function readValueComments(source: string): ValueComment[] {
  const { contents } = parseDocument(source);
  if (!isMap(contents)) throw new Error('values.yaml holds no map');
  return below(contents, []);
}

function below(group: YAMLMap, path: readonly string[]): ValueComment[] {
  return group.items.flatMap((item: Pair, index) => {
    const { key, value } = item;
    if (!isScalar(key)) throw new Error('a key of values.yaml is no word');
    const here = [...path, String(key.value)];
    // The parser assigns the comment before the first key of a map to the map.
    const before = key.commentBefore ?? (index === 0 ? group.commentBefore : undefined);
    const comment = lastParagraph(before ?? '');
    if (comment === '') throw new Error(`values.yaml does not say what ${here.join('.')} is`);
    const entry = { path: here.join('.'), comment };
    const isGroup = isMap(value) && value.flow !== true;
    return isGroup ? [entry, ...below(value, here)] : [{ ...entry, fallback: JSON.stringify(toJson(value)) }];
  });
}

function toJson(node: unknown): unknown {
  return typeof node === 'object' && node !== null && 'toJSON' in node && typeof node.toJSON === 'function'
    ? node.toJSON()
    : node;
}

/** Returns the last paragraph: text before a blank line describes the file. */
function lastParagraph(comment: string): string {
  const paragraphs = comment.split(/\n\s*\n/);
  return (paragraphs.at(-1) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
}
