import { type ConfigurationRow, describeConfiguration } from '@longshore/configuration';
import { code, page, table } from './markdown.ts';

export function configurationPage(): string {
  const rows = describeConfiguration();
  const roots = [...new Set(rows.map(rootOf))];
  return page('Configuration', '`libs/configuration/src/fragments`', [
    "One YAML file in distribution's vocabulary, named by `--config` or `REGISTRY_CONFIGURATION_PATH`, and a variable for every key; the variable wins. `<KEY>` stands for a key of your own, `0` for the place in a list. A variable with `_FILE` behind its name names a file that holds the value. Unknown keys and variables are errors.",
    'Durations are `300ms`, `30s`, `5m`, `24h` or `7d`; sizes are `4194304` or `4MiB`. 🔒 marks what is never printed.',
    ...roots.map((root) => sectionOf(root, rows)),
  ]);
}

function sectionOf(root: string, rows: readonly ConfigurationRow[]): string {
  const below = rows.filter((row) => rootOf(row) === root);
  const [head] = below;
  const keys = below.filter(({ type }) => type !== 'section');
  const intro = head?.type === 'section' && head.description !== '' ? `${head.description}\n\n` : '';
  const lines = keys.map((row) => [
    code(row.key) + (row.secret ? ' 🔒' : ''),
    row.type,
    row.default === 'required' ? 'required' : code(row.default),
    row.description,
    code(row.environment),
  ]);
  return `## ${root}\n\n${intro}${table(['key', 'type', 'default', 'what it is', 'variable'], lines)}`;
}

function rootOf({ key }: ConfigurationRow): string {
  return key.split('.')[0] ?? key;
}
