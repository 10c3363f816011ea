import { join } from 'node:path';
import { workspace } from '../runner/workspace.ts';
import { run } from './command.ts';
import { target } from './target.ts';

/** Runs a command of `longshore` on the database of the suite's registry, and returns its output. */
export function longshore(...words: readonly string[]): Promise<string> {
  const home = target.form === 'cluster' ? join(target.home, 'cluster') : target.home;
  return run(join(workspace, 'node_modules/.bin/longshore'), [...words, '--standalone'], {
    environment: { LONGSHORE_HOME: home },
  });
}

export interface AccessToken {
  readonly token: { readonly id: string };
  readonly secret: string;
}

/** Gives a user or a robot an access token. */
export async function accessToken(owner: string, ...options: readonly string[]): Promise<AccessToken> {
  return JSON.parse(await longshore('token', 'add', owner, 'made by a test', ...options, '--json'));
}
