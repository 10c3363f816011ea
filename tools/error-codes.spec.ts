import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ociErrors } from '@longshore/oci';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const files = globSync('{apps,libs}/*/src/**/*.ts', { cwd: root })
  .filter((path) => !/\.(spec|contract)\.ts$|\/testing\/|^libs\/(?:testing|oss-server)\//.test(path))
  .filter((path) => path !== 'libs/oci/src/errors.ts');
const source = files.map((path) => readFileSync(join(root, path), 'utf8')).join('\n');

/** A comparison does not count: it only checks for an error of others. */
const isRaised = (code: string): boolean => new RegExp(`(?<![=!]== |case )'${code}'`).test(source);

describe('error codes', () => {
  it.each(Object.keys(ociErrors))('%s is raised by some source', (code) => {
    expect(isRaised(code)).toBe(true);
  });

  it('would miss one that nothing raises', () => {
    expect(isRaised('BLOB_IS_PURPLE')).toBe(false);
  });
});
