import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const module = new URL('shutdown.ts', import.meta.url).href;

/** Runs the lines in a separate process, sends it the signals, and returns how it ended. */
async function terminated(
  lines: string,
  ...signals: readonly NodeJS.Signals[]
): Promise<{ code: unknown; signal: unknown; complaint: string }> {
  const script = `import { closeOnSignal, endOnSignal, keepDebuggerShut } from '${module}'; ${lines}; setInterval(() => {}, 1000); console.log('up')`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaint = text(child.stderr);
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  for (const signal of signals) {
    child.kill(signal);
    // Signals have no order among themselves.
    await sleep(300);
  }
  const [code, signal] = await ended;
  return { code, signal, complaint: await complaint };
}

describe('endOnSignal', () => {
  it('ends the process with the status of the signal, and says why', async () => {
    const { code, complaint } = await terminated('endOnSignal()', 'SIGTERM');
    expect(code).toBe(143);
    expect(complaint).toContain('SIGTERM: ended before it had started');
  });

  it('leaves the signal alone once the service has started', async () => {
    expect(await terminated('endOnSignal()()', 'SIGTERM')).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});

describe('closeOnSignal', () => {
  const close = `const log = { info: console.error, error: console.error };
    closeOnSignal({ log, deadline: 10_000, close: async () => console.error('closed') });`;

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('closes the service after %s', async (signal) => {
    const { code, complaint } = await terminated(close, signal);
    expect(code).toBe(0);
    expect(complaint).toContain('closed');
  });
});

describe('keepDebuggerShut', () => {
  it('lets SIGUSR1 do nothing', async () => {
    const { signal, complaint } = await terminated('keepDebuggerShut()', 'SIGUSR1', 'SIGTERM');
    expect(signal).toBe('SIGTERM');
    expect(complaint).not.toMatch(/debugger/i);
  });
});

describe('outliveReaders', () => {
  it('keeps a process running whose output nobody reads', async () => {
    const script = `import { outliveReaders } from '${module}'; outliveReaders();
      setInterval(() => { process.stdout.write('to nobody'); process.stderr.write('to nobody'); }, 5);
      setTimeout(() => process.exit(7), 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit');
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await ended).toEqual([7, null]);
  });
});
