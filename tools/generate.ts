import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pages } from './generate/pages.ts';

/** `npm run generate` writes the reference pages. With `--check` it only names the stale ones, and fails. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const check = process.argv.includes('--check');
const stale = [...pages(root)].filter(([path, text]) => current(path) !== text);
for (const [path, text] of stale) {
  if (!check) write(path, text);
  console.log(`${path} ${check ? 'is stale: run npm run generate' : 'written'}`);
}
if (check && stale.length > 0) process.exitCode = 1;

function current(path: string): string | undefined {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
