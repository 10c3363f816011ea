import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeConfiguration } from '@longshore/configuration';
import { ociErrors, routes } from '@longshore/oci';
import { table } from './markdown.ts';
import { pages } from './pages.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const written = pages(root);

describe('docs/reference', () => {
  it.each([...written])('%s matches the code (else: npm run generate)', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  it('names every error, route and key', () => {
    const errors = written.get('docs/reference/errors.md');
    for (const name of Object.keys(ociErrors)) expect(errors).toContain(`\`${name}\``);
    const paths = written.get('docs/reference/routes.md');
    for (const { template } of Object.values(routes)) expect(paths).toContain(`\`${template}\``);
    const keys = written.get('docs/reference/configuration.md');
    const rows = describeConfiguration().filter(({ type }) => type !== 'section');
    for (const { key } of rows) expect(keys).toContain(`\`${key}\``);
  });

  it('names every subject that a contract defines', () => {
    const folder = join(root, 'libs/messaging/src/contracts');
    const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const subjects = sources.flatMap((text) =>
      [...text.matchAll(/subject: '([^']+)'/g)].map(([, subject]) => subject),
    );
    expect(subjects.length).toBeGreaterThan(5);
    for (const subject of subjects) expect(written.get('docs/reference/bus.md')).toContain(`\`${subject}\``);
  });
});

describe('table', () => {
  it('keeps a bar inside its cell', () => {
    expect(table(['a'], [[String.raw`x | y \| z`]])).toBe(String.raw`| a |
| --- |
| x \| y \| z |`);
  });
});
