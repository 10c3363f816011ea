import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { workspace } from '../../runner/workspace.ts';
import { run } from '../../support/command.ts';

const path = 'charts/longshore';

export interface EarlierChart {
  readonly commit: string;
  readonly folder: string;
}

/** Returns the chart before the last commit that changed it. If the history is cut off there, returns the present one. */
export async function earlierChart(): Promise<EarlierChart> {
  const commits = (await git('log', '--format=%H', '-2', '--', path)).split('\n');
  const commit = commits[1] ?? commits[0] ?? 'HEAD';
  const folder = await mkdtemp(join(tmpdir(), 'longshore-earlier-chart-'));
  afterAll(() => rm(folder, { recursive: true }));
  const archive = join(folder, 'chart.tar');
  await git('archive', `--output=${archive}`, commit, path);
  await run('tar', ['--extract', `--file=${archive}`, `--directory=${folder}`]);
  return { commit, folder: join(folder, path) };
}

function git(...words: readonly string[]): Promise<string> {
  return run('git', words, { cwd: workspace });
}
