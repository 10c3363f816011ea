import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HomeInUse, lockHome } from './home-lock.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-lock-'));
});
afterEach(() => rm(home, { recursive: true }));

describe('lockHome', () => {
  it('refuses a second owner with the number and address of the first, who lives', async () => {
    const program = `
      const { lockHome } = await import(${JSON.stringify(join(import.meta.dirname, 'home-lock.ts'))});
      const lock = await lockHome(${JSON.stringify(home)});
      await lock.tell('127.0.0.1:5999');
      console.log('locked');
      process.stdin.resume();`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const refused = lockHome(home);
    await expect(refused).rejects.toThrow(HomeInUse);
    await expect(refused).rejects.toThrow(
      `already running on ${home} (process ${child.pid}, 127.0.0.1:5999)`,
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    (await lockHome(home)).release();
  });

  it('names the host of an owner in another container', async () => {
    const lock = await lockHome(home);
    await writeFile(join(home, 'owner.json'), '{"pid":1,"host":"d0c8","address":"0.0.0.0:5000"}');
    const program = `
      const { lockHome } = await import(${JSON.stringify(join(import.meta.dirname, 'home-lock.ts'))});
      await lockHome(${JSON.stringify(home)}).catch(({ message }) => console.log(message));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
    });
    expect(stdout).toContain('(process 1 of host d0c8, 0.0.0.0:5000)');
    lock.release();
  });

  it('reports why a home cannot be locked', async () => {
    await expect(lockHome(join(home, 'absent'))).rejects.toThrow(/absent\/lock cannot be locked/);
  });
});
