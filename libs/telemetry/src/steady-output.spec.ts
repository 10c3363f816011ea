import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

const logging = join(import.meta.dirname, 'testing/logging-process.ts');
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts a process that logs `lines` lines of 1 kB to a pipe, and reports on another channel that it runs. */
function logs(lines: number): ChildProcess {
  const child = spawn(
    process.execPath,
    ['--conditions=@longshore/source', '--disable-warning=ExperimentalWarning', logging, String(lines)],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  children.push(child);
  return child;
}

async function said(child: ChildProcess, word: string): Promise<unknown> {
  for (;;) {
    const [message]: unknown[] = await once(child, 'message', { signal: AbortSignal.timeout(20_000) });
    if (typeof message === 'object' && message !== null && word in message) return message;
  }
}

/** Collects the lines from now on. */
function linesOf({ stdout }: ChildProcess): string[] {
  const lines: string[] = [];
  if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => lines.push(line));
  return lines;
}

const patience = { timeout: 20_000 };

describe('a reader of standard output that stands still', () => {
  it('stops nothing: what it does not take is dropped, counted, and told of when it reads again', async () => {
    const child = logs(20_000);
    const counted = await said(child, 'logged');
    await said(child, 'alive');
    const lines = linesOf(child);
    const told = (): string | undefined => lines.find((line) => line.includes('were dropped'));
    await expect.poll(told, patience).toBeDefined();
    const { dropped } = JSON.parse(told() ?? '{}');
    expect(dropped).toBeGreaterThan(10_000);
    expect(counted).toMatchObject({ dropped });
    expect(lines.filter((line) => line.includes('"msg":"line"')).length + Number(dropped)).toBe(20_000);
  });

  it('does not keep the process from ending', async () => {
    const child = logs(20_000);
    await said(child, 'logged');
    await said(child, 'alive');
    child.send('end');
    const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
    expect(code).toBe(0);
  });
});

describe('a reader of standard output that reads', () => {
  it('gets every line in order, the last one before the end included', async () => {
    const child = logs(3_000);
    const lines = linesOf(child);
    await said(child, 'logged');
    await expect.poll(() => lines.length, patience).toBe(3_000);
    child.send('end');
    await expect.poll(() => lines.length, patience).toBe(3_001);
    const numbers = lines.map((line): unknown => JSON.parse(line).number);
    expect(numbers).toEqual([...Array.from({ length: 3_000 }, (_, index) => index), 'last']);
  });

  it('that has gone does not end the process', async () => {
    const child = logs(3_000);
    child.stdout?.destroy();
    await expect(said(child, 'logged')).resolves.toMatchObject({ dropped: 3_000 });
    await said(child, 'alive');
    child.send('end');
    const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
    expect(code).toBe(0);
  });
});
