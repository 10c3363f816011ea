import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspace } from '../../runner/workspace.ts';
import { attempt, type CommandResult, run } from '../../support/command.ts';
import { settings } from './settings.ts';

/** Values of the chart, or a file of them. */
export type Values = Readonly<Record<string, unknown>> | string;

export interface Release {
  readonly name: string;
  readonly namespace: string;
}

export interface Wanted {
  readonly values: readonly Values[];
  /** Default: the chart of this clone. */
  readonly chart?: string;
  /** Default: the images that were loaded into the cluster. */
  readonly image?: Readonly<Record<string, string>>;
  /** Further options for Helm. */
  readonly options?: readonly string[];
  readonly timeoutSeconds?: number;
}

const chart = join(workspace, 'charts/longshore');
export const tryValues = join(workspace, 'charts/longshore/ci/try-values.yaml');
const localImages = { registry: settings.imageRegistry, tag: settings.imageTag };

/** Runs only `helm install --wait`, which fails if the release exists. */
export function attemptInstall(release: Release, wanted: Wanted): Promise<CommandResult> {
  return withValues(wanted, (files) =>
    attempt('helm', words('install', release, wanted, files), patience(wanted)),
  );
}

/** Brings the release to the wanted values, from any state. */
export function upgrade(release: Release, wanted: Wanted): Promise<string> {
  return withValues(wanted, (files) =>
    run('helm', words('upgrade', release, wanted, ['--install', ...files]), patience(wanted)),
  );
}

/** Renders the chart with values in this cluster, as YAML. */
export function rendered(release: Release, wanted: Wanted): Promise<string> {
  return withValues(wanted, (files) =>
    run('helm', [
      'template',
      release.name,
      wanted.chart ?? chart,
      `--namespace=${release.namespace}`,
      '--dry-run=server',
      ...files,
    ]),
  );
}

/** Runs a command on a release: rollback, test, uninstall. */
export function helm(
  command: string,
  { name, namespace }: Release,
  ...options: readonly string[]
): Promise<string> {
  return run('helm', [command, name, `--namespace=${namespace}`, ...options], { timeoutMs: 300_000 });
}

function words(command: string, release: Release, wanted: Wanted, more: readonly string[]): string[] {
  return [
    command,
    release.name,
    wanted.chart ?? chart,
    `--namespace=${release.namespace}`,
    '--wait',
    `--timeout=${wanted.timeoutSeconds ?? 240}s`,
    ...(wanted.options ?? []),
    ...more,
  ];
}

function patience({ timeoutSeconds = 240 }: Wanted): { timeoutMs: number } {
  return { timeoutMs: (timeoutSeconds + 60) * 1000 };
}

async function withValues<T>(
  { values, image = localImages }: Wanted,
  work: (files: readonly string[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-values-'));
  try {
    const files = await Promise.all(
      [...values, { image }].map(async (one, index) => {
        if (typeof one === 'string') return `--values=${one}`;
        const file = join(folder, `${index}.json`);
        await writeFile(file, JSON.stringify(one));
        return `--values=${file}`;
      }),
    );
    return await work(files);
  } finally {
    await rm(folder, { recursive: true });
  }
}
