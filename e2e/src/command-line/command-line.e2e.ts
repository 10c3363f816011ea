import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workspace } from '../runner/workspace.ts';
import { attempt, type CommandResult } from '../support/command.ts';
import { target } from '../support/target.ts';

/** Runs the command as an operator types it on the registry's machine. */
function longshore(home: string, ...words: readonly string[]): Promise<CommandResult> {
  return attempt(join(workspace, 'node_modules/.bin/longshore'), words, {
    environment: { LONGSHORE_HOME: home },
  });
}

describe('longshore, of a registry that npm start runs', () => {
  it('lists and replays dead letters in the database of its home', async () => {
    expect(await longshore(target.home, 'notifications', 'dead', 'test', '--standalone', '--json')).toEqual({
      code: 0,
      stdout: '[]\n',
      stderr: '',
    });
    const event = randomUUID();
    const replay = ['notifications', 'replay', 'test', '--event', event, '--standalone'];
    expect(await longshore(target.home, ...replay)).toMatchObject({
      code: 1,
      stderr: `no delivery of ${event} to test was given up (notifications dead lists those that were)\n`,
    });
  });

  it('says where it has looked when none runs, and what it lacks without --standalone', async () => {
    const elsewhere = join(target.home, 'nothing');
    const dead = ['notifications', 'dead', 'test'];
    const { code, stderr } = await longshore(elsewhere, ...dead, '--standalone');
    expect([code, stderr]).toEqual([78, expect.stringContaining(`no registry runs in ${elsewhere}`)]);
    expect((await longshore(target.home, ...dead)).stderr).toContain('--standalone');
  });
});
