import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workspace } from '../runner/workspace.ts';

/** Returns the blocks of a page of docs/runbooks, or of one of its sections, in order. */
export async function blocksOf(page: string, section?: string): Promise<readonly string[]> {
  const text = await readFile(join(workspace, 'docs/runbooks', page), 'utf8');
  const part =
    section === undefined
      ? text
      : text.split(/^## /m).find((candidate) => candidate.startsWith(`${section}\n`));
  if (part === undefined) throw new Error(`${page} has no section ${section}`);
  return [...part.matchAll(/^( *)```sh\n([^]*?)^ *```$/gm)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim(),
  );
}
