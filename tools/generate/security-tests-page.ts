import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Advisory, type AdvisoryTest, authentication, authorization } from './advisories.ts';
import { code, page, table } from './markdown.ts';

/** Lists the tests of known faults. @throws Error for a test that is not in its file: it was renamed or removed */
export function securityTestsPage(root: string): string {
  const rows = (advisories: readonly Advisory[]): string =>
    table(
      ['fault', 'where', 'what happened', 'the test that would find it here'],
      advisories.map(({ ids, where, happened, tests }) => [
        ids.join(', '),
        where,
        happened,
        tests.map((test) => described(root, test)).join('<br>'),
      ]),
    );
  return page('Security tests', '`tools/generate/advisories.ts`', [
    'Faults that registries and their libraries once had, each with the tests that would find it here.',
    '## Who asks',
    rows(authentication),
    '## What they may do',
    rows(authorization),
  ]);
}

function described(root: string, { file, title }: AdvisoryTest): string {
  const source = readFileSync(join(root, file), 'utf8');
  if (!["'", '"', '`'].some((quote) => source.includes(`${quote}${title}`)))
    throw new Error(`${file} has no test whose title begins with ${JSON.stringify(title)}`);
  return `${code(file)}: ${title}`;
}
