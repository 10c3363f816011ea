import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Version of the whole product: its parts are released together. */
export const version = versionIn(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));

function versionIn(text: string): string {
  const manifest: unknown = JSON.parse(text);
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
