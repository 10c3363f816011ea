import { code, table } from '../markdown.ts';
import type { ValueComment } from './values-comments.ts';

/** Returns the table of charts/longshore/README.md: a section for each group, a row for each value. */
export function valueTables(comments: readonly ValueComment[]): string {
  const groups = [...new Set(comments.map(({ path }) => rootOf(path)))].filter((root) =>
    comments.some(({ path }) => path.startsWith(`${root}.`)),
  );
  const single = comments.filter(({ path }) => !groups.includes(rootOf(path)));
  return [
    tableOf(single),
    ...groups.map((group) => {
      const own = comments.filter(({ path }) => rootOf(path) === group);
      const intro = own.find(({ path }) => path === group)?.comment ?? '';
      return `### ${group}\n\n${intro}\n\n${tableOf(own.filter(({ fallback }) => fallback !== undefined))}`;
    }),
  ].join('\n\n');
}

function tableOf(values: readonly ValueComment[]): string {
  return table(
    ['value', 'default', 'what it is'],
    values.map(({ path, fallback = '', comment }) => [code(path), code(fallback), comment]),
  );
}

const rootOf = (path: string): string => path.split('.')[0] ?? path;
