import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LinearPattern } from '@longshore/fields';
import { describe, expect, it } from 'vitest';
import { describeConfiguration } from './describe-configuration.ts';
import { loadConfiguration } from './load-configuration.ts';
import { isRecord } from './sources/place-value.ts';

/** Each with a text that would keep a backtracking matcher busy for years. */
const catastrophes: Readonly<Record<string, readonly [source: string, text: string]>> = {
  pattern: [String.raw`^https?://([^/]+\.)*([^/]+)*example\.com/$`, `https://${'a.'.repeat(2000)}!`],
  glob: [`${'*a'.repeat(60)}*b`, 'a'.repeat(255)],
};

const kindOf = (type: string): string => type.replace(/^list of /, '');
const rows = describeConfiguration().filter(({ type }) => kindOf(type) in catastrophes);

describe('a pattern of the configuration', () => {
  it('is known where it is set', () => {
    expect(rows.map(({ key }) => key)).toEqual([
      'storage.redirect.except.repositories',
      'storage.redirect.except.useragents',
      'validation.manifests.urls.allow',
      'validation.manifests.urls.deny',
    ]);
  });

  it.each(rows.map(({ key, environment, type }) => ({ key, environment, kind: kindOf(type) })))(
    '$key is matched in linear time',
    ({ key, environment, kind }) => {
      const [source, text] = catastrophes[kind] ?? ['', ''];
      const found = patternsAt(key, { [environment]: JSON.stringify([source]) });
      expect(found).toEqual([expect.any(LinearPattern)]);
      expect(found.map((pattern) => pattern instanceof LinearPattern && pattern.test(text))).toEqual([false]);
    },
  );

  it('is made by no service: only what is written in the code is a RegExp', () => {
    const root = resolve(import.meta.dirname, '../../..');
    const sources = globSync('{apps,libs}/*/src/**/*.ts', { cwd: root }).filter(
      (path) => !/\.(?:spec|e2e|contract)\.ts$|libs\/(?:testing|oss-server)|\/testing\//.test(path),
    );
    expect(sources.length).toBeGreaterThan(200);
    const backtracking = /\bnew RegExp\(|\bRegExp\(|matchesGlob|\bminimatch\b|\bpicomatch\b/;
    expect(sources.filter((path) => backtracking.test(readFileSync(resolve(root, path), 'utf8')))).toEqual(
      [],
    );
  });
});

function patternsAt(key: string, environment: Record<string, string>): readonly unknown[] {
  let value: unknown = loadConfiguration({ environment: { REGISTRY_STORAGE: 'inmemory', ...environment } });
  for (const step of key.split('.')) value = isRecord(value) ? value[step] : undefined;
  return Array.isArray(value) ? value : [];
}
