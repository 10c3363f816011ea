import { readFile } from 'node:fs/promises';
import { codeOf } from '../values/code-of.ts';
import type { Problem } from '../configuration-error.ts';

export interface Content {
  /** The key that names the file. */
  readonly path: string;
  readonly text: string;
}

/** Returns the text of a file that a key names, or the problem. */
export async function contentOf(path: string, file: string): Promise<Content | Problem> {
  try {
    return { path, text: await readFile(file, 'utf8') };
  } catch (error) {
    const code = codeOf(error) ?? 'unknown error';
    return { path, message: `names a file that cannot be read (${code})` };
  }
}

export function isContent(read: Content | Problem): read is Content {
  return 'text' in read;
}

export function isProblem(read: Content | Problem): read is Problem {
  return 'message' in read;
}
