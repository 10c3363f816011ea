import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const module = new URL('shutdown.ts', import.meta.url).href;

/** How a process of its own ends that runs the lines, is up, and then gets SIGTERM. */
async function terminated(lines: string): Promise<{ code: unknown; signal: unknown; complaint: string }> {
  const script = `import { endOnSignal } from '${module}'; ${lines}; setInterval(() => {}, 1000); console.log('up')`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaint = text(child.stderr);
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code, signal] = await ended;
  return { code, signal, complaint: await complaint };
}

describe('endOnSignal', () => {
  it('ends the process with the status of the signal, and says why', async () => {
    const { code, complaint } = await terminated('endOnSignal()');
    expect(code).toBe(143);
    expect(complaint).toContain('SIGTERM: ended before it had started');
  });

  it('leaves the signal alone once the service has started', async () => {
    expect(await terminated('endOnSignal()()')).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});
