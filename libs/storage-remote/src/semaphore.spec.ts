import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Entry, Semaphore } from './semaphore.ts';

const entered: string[] = [];

function enter(semaphore: Semaphore, name: string, entry: Entry = {}): Promise<void> {
  return semaphore.enter(entry).then(() => void entered.push(name));
}

async function seen(): Promise<string[]> {
  await setImmediate();
  return entered.splice(0);
}

describe('Semaphore', () => {
  it('admits entries up to the limit, then one for each that leaves', async () => {
    const semaphore = new Semaphore(2);
    for (const name of ['a', 'b', 'c', 'd']) void enter(semaphore, name);
    expect(await seen()).toEqual(['a', 'b']);
    semaphore.leave();
    expect(await seen()).toEqual(['c']);
    semaphore.leave();
    semaphore.leave();
    expect(await seen()).toEqual(['d']);
    expect(semaphore.taken).toBe(1);
  });

  it('lets nobody overtake a wide entry', async () => {
    const semaphore = new Semaphore(3);
    void enter(semaphore, 'two', { width: 2 });
    void enter(semaphore, 'wide', { width: 2 });
    void enter(semaphore, 'narrow');
    expect(await seen()).toEqual(['two']);
    semaphore.leave(2);
    expect(await seen()).toEqual(['wide', 'narrow']);
  });

  it('admits an entry wider than the limit when it is alone', async () => {
    const semaphore = new Semaphore(2);
    void enter(semaphore, 'one');
    void enter(semaphore, 'huge', { width: 5 });
    expect(await seen()).toEqual(['one']);
    semaphore.leave();
    expect(await seen()).toEqual(['huge']);
  });

  it('forgets an aborted entry, and admits those after it', async () => {
    const semaphore = new Semaphore(2);
    const controller = new AbortController();
    void enter(semaphore, 'one');
    const wide = enter(semaphore, 'wide', { width: 2, signal: controller.signal });
    void enter(semaphore, 'narrow');
    expect(await seen()).toEqual(['one']);
    controller.abort(new Error('enough'));
    await expect(wide).rejects.toThrow('enough');
    expect(await seen()).toEqual(['narrow']);
    await expect(semaphore.enter({ signal: controller.signal })).rejects.toThrow('enough');
  });

  it('admits beyond the limit when patience ends', async () => {
    const semaphore = new Semaphore(1);
    await enter(semaphore, 'one');
    let asked = 0;
    await enter(semaphore, 'two', { patience: { milliseconds: 5, hasEnd: () => ++asked === 3 } });
    expect(await seen()).toEqual(['one', 'two']);
    expect(asked).toBe(3);
    expect(semaphore.taken).toBe(2);
    void enter(semaphore, 'three');
    semaphore.leave();
    expect(await seen()).toEqual([]);
    semaphore.leave();
    expect(await seen()).toEqual(['three']);
  });
});
