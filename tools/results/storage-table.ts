import type { TestOutcome } from './vitest-report.ts';

const contract = /^StorageDriver \((.+)\)$/;
const note = `<!-- Written by \`npm run test:stores\`; do not edit. -->`;

/** Returns the page that shows which case of the contract suite passed on which driver, from a run over all of them. */
export function storageTable(outcomes: readonly TestOutcome[]): string {
  const drivers = new Set<string>();
  const groups = new Map<string, Map<string, Map<string, string>>>();
  for (const { ancestors, title, status } of outcomes) {
    const [suite = '', group = 'as a whole'] = ancestors;
    const driver = contract.exec(suite)?.[1];
    if (driver === undefined) continue;
    drivers.add(driver);
    const cases = entry(groups, group, () => new Map<string, Map<string, string>>());
    entry(cases, title, () => new Map<string, string>()).set(driver, status);
  }
  const columns = [...drivers].toSorted();
  const tables = [...groups].map(([group, cases]) => [`## ${group}`, '', ...rows(columns, cases)].join('\n'));
  return [
    note,
    '# Storage drivers: what the contract suite shows',
    '',
    'Each row is a case of `describeStorageDriver` (`@longshore/storage/testing`), each column a driver on a real server. ✓ passed, ✗ failed, – no case for this driver. The whole registry on such servers: [storage-servers.md](storage-servers.md).',
    '',
    ...tables.flatMap((table) => [table, '']),
  ].join('\n');
}

function rows(columns: readonly string[], cases: ReadonlyMap<string, ReadonlyMap<string, string>>): string[] {
  const body = [...cases].map(([title, results]) =>
    line([title.replaceAll('|', String.raw`\|`), ...columns.map((driver) => mark(results.get(driver)))]),
  );
  return [line(['case', ...columns]), line(['---', ...columns.map(() => ':-:')]), ...body];
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function mark(status: string | undefined): string {
  if (status === undefined) return '–';
  return status === 'passed' ? '✓' : '✗';
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
