import { Refused } from './refusals.ts';

/** Writes a position in a list so that clients take it as a whole. */
export const cursorOf = (position: readonly string[]): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/** Reads a cursor of ours. @throws Refused 400 for any other text */
export function positionOf(cursor: string | undefined, parts: number): readonly string[] | undefined {
  if (cursor === undefined) return undefined;
  const position = parsed(cursor);
  if (Array.isArray(position) && position.length === parts && position.every((part) => isText(part)))
    return position.map(String);
  throw noCursor();
}

export const noCursor = (): Refused =>
  new Refused(400, 'A parameter is not valid.', [
    { parameter: 'cursor', detail: 'is not from the Link of a page of this list' },
  ]);

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    // Not one of ours: the caller refuses it.
    return undefined;
  }
}

/** Postgres stores no NUL, and a name is never longer. */
const isText = (part: unknown): part is string =>
  typeof part === 'string' && part.length <= 256 && !part.includes('\0');
