import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspace } from '../../runner/workspace.ts';
import { attempt, type CommandResult, run } from '../../support/command.ts';
import { settings } from './settings.ts';

/** Of the chart, in its own words, or a file of them. */
export type Values = Readonly<Record<string, unknown>> | string;

export interface Release {
  readonly name: string;
  readonly namespace: string;
}

export interface Wanted {
  readonly values: readonly Values[];
  /** The chart of this clone unless told. */
  readonly chart?: string;
  /** The images that were given to the cluster unless told. */
  readonly image?: Readonly<Record<string, string>>;
  /** More words for Helm. */
  readonly options?: readonly string[];
  readonly timeoutSeconds?: number;
}

const chart = join(workspace, 'charts/longshore');
export const tryValues = join(workspace, 'charts/longshore/ci/try-values.yaml');
const localImages = { registry: settings.imageRegistry, tag: settings.imageTag };

/** `helm install --wait`, and no more: it fails when there is such a release. */
export function attemptInstall(release: Release, wanted: Wanted): Promise<CommandResult> {
  return withValues(wanted, (files) =>
    attempt('helm', words('install', release, wanted, files), patience(wanted)),
  );
}

/** Brings the release to what is wanted, from whatever there is. */
export function upgrade(release: Release, wanted: Wanted): Promise<string> {
  return withValues(wanted, (files) =>
    run('helm', words('upgrade', release, wanted, ['--install', ...files]), patience(wanted)),
  );
}

/** What the chart makes of values in this cluster, as YAML. */
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

/** A command about a release: rollback, test, uninstall. */
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
