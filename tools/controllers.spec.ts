import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = globSync('{apps,libs}/*/src/**/*.ts', { cwd: root });

/** Matches a controller class with the decorators before it. */
const controllers = /((?:^@.*\n)*)^(?:export )?class (\w+Controller)\b/gm;

it('calls nothing a controller that is none of Nest, where guards and filters of Nest do not apply', () => {
  const named = sources.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(controllers)].map(
      ([, decorators = '', name = '']) => ({
        name,
        isOfNest: decorators.includes('@Controller('),
      }),
    ),
  );
  expect(named.map(({ name }) => name)).toContain('TokenController');
  expect(named.filter(({ isOfNest }) => !isOfNest)).toEqual([]);
  const files = sources.filter((path) => path.endsWith('.controller.ts'));
  const without = files.filter((path) => !readFileSync(join(root, path), 'utf8').includes('@Controller('));
  expect(without).toEqual([]);
});
