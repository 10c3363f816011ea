import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Entry, Lanes } from './lanes.ts';

const entered: string[] = [];

function enter(lanes: Lanes, name: string, entry: Entry = {}): Promise<void> {
  return lanes.enter(entry).then(() => void entered.push(name));
}

async function seen(): Promise<string[]> {
  await setImmediate();
  return entered.splice(0);
}

describe('Lanes', () => {
  it('let as many in as there are, and then one for each that leaves', async () => {
    const lanes = new Lanes(2);
    for (const name of ['a', 'b', 'c', 'd']) void enter(lanes, name);
    expect(await seen()).toEqual(['a', 'b']);
    lanes.leave();
    expect(await seen()).toEqual(['c']);
    lanes.leave();
    lanes.leave();
    expect(await seen()).toEqual(['d']);
    expect(lanes.taken).toBe(1);
  });

  it('let nobody past a wide one that came before', async () => {
    const lanes = new Lanes(3);
    void enter(lanes, 'two', { width: 2 });
    void enter(lanes, 'wide', { width: 2 });
    void enter(lanes, 'narrow');
    expect(await seen()).toEqual(['two']);
    lanes.leave(2);
    expect(await seen()).toEqual(['wide', 'narrow']);
  });

  it('let one in alone that is wider than all of them', async () => {
    const lanes = new Lanes(2);
    void enter(lanes, 'one');
    void enter(lanes, 'huge', { width: 5 });
    expect(await seen()).toEqual(['one']);
    lanes.leave();
    expect(await seen()).toEqual(['huge']);
  });

  it('forget whoever gives up, and let those behind go in', async () => {
    const lanes = new Lanes(2);
    const controller = new AbortController();
    void enter(lanes, 'one');
    const wide = enter(lanes, 'wide', { width: 2, signal: controller.signal });
    void enter(lanes, 'narrow');
    expect(await seen()).toEqual(['one']);
    controller.abort(new Error('enough'));
    await expect(wide).rejects.toThrow('enough');
    expect(await seen()).toEqual(['narrow']);
    await expect(lanes.enter({ signal: controller.signal })).rejects.toThrow('enough');
  });

  it('let in at the end of patience, over their number', async () => {
    const lanes = new Lanes(1);
    await enter(lanes, 'one');
    let asked = 0;
    await enter(lanes, 'two', { patience: { milliseconds: 5, hasEnd: () => ++asked === 3 } });
    expect(await seen()).toEqual(['one', 'two']);
    expect(asked).toBe(3);
    expect(lanes.taken).toBe(2);
    void enter(lanes, 'three');
    lanes.leave();
    expect(await seen()).toEqual([]);
    lanes.leave();
    expect(await seen()).toEqual(['three']);
  });
});
