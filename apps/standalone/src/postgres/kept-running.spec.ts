import { describe, expect, it } from 'vitest';
import { KeptRunning, type Running } from './kept-running.ts';

/** Creates runs that end on request. */
function runs(patience: number) {
  const ends: ((reason: string) => void)[] = [];
  const said: string[] = [];
  const failures: Error[] = [];
  const start = async (): Promise<Running> => {
    const failure = failures.pop();
    if (failure !== undefined) throw failure;
    const { promise, resolve } = Promise.withResolvers<string>();
    ends.push(resolve);
    return { ended: promise, stop: async () => resolve('stopped') };
  };
  const options = { name: 'it', start, say: (line: string) => said.push(line), patience };
  return { ends, said, failures, kept: () => KeptRunning.start(options) };
}

describe('KeptRunning', () => {
  it('fails with the first start, without a retry', async () => {
    const { failures, kept, ends } = runs(60_000);
    failures.push(new Error('no port'));
    await expect(kept()).rejects.toThrow('no port');
    expect(ends).toEqual([]);
  });

  it('starts it again when it ends, and after a start that failed', async () => {
    const { ends, said, failures, kept } = runs(60_000);
    const running = await kept();
    failures.push(new Error('disk full'));
    ends[0]?.('SIGKILL');
    await expect.poll(() => ends.length, { timeout: 20_000 }).toBe(2);
    expect(said).toEqual([
      'it is away (SIGKILL); starting it again in 250 ms',
      'it is away (disk full); starting it again in 500 ms',
      'it runs again',
    ]);
    await running.stop();
  });

  it('gives up on one that starts and ends again and again', async () => {
    const { ends, kept } = runs(600);
    const { lost } = await kept();
    const timer = setInterval(() => ends.at(-1)?.('crash'), 10);
    expect((await lost).message).toBe('it ended, and could not be started again: crash');
    clearInterval(timer);
  });

  it('starts nothing after it was stopped, even during a pause', async () => {
    const { ends, kept } = runs(60_000);
    const running = await kept();
    ends[0]?.('SIGKILL');
    await running.stop();
    expect(ends).toHaveLength(1);
  });
});
