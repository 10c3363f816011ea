import { describe, expect, it } from 'vitest';
import { type AccessChanges, AccessFeed, type AskForChanges } from './access-feed.ts';

const mark = (name: string) => ({ kind: 'user', name, before: Date.now() + 60_000 }) as const;
const facts = (subject: string) => ({ kind: 'user', subject, issuedAt: Date.now(), ids: [] }) as const;

/** An auth-service that answers with these pages, one after the other. */
function answering(...pages: readonly (AccessChanges | Error)[]) {
  const asked: Parameters<AskForChanges>[0][] = [];
  const feed = new AccessFeed(async (question) => {
    asked.push(question);
    const page = pages[asked.length - 1];
    if (page === undefined || page instanceof Error) throw page ?? new Error('away');
    return page;
  });
  return { feed, asked };
}

describe('AccessFeed', () => {
  it('reads all pages, and then asks only for what is newer than the first', async () => {
    const { feed, asked } = answering(
      { version: '7', keys: 'k', marks: [mark('ann')], next: 'two' },
      { version: '9', keys: 'k', marks: [mark('bob')] },
      { version: '9', keys: 'k', marks: [] },
    );
    await feed.refresh();
    expect([feed.marks.voids(facts('ann')), feed.marks.voids(facts('bob'))]).toEqual([true, true]);
    await feed.refresh();
    expect(asked).toEqual([{}, { from: 'two' }, { since: '7' }]);
  });

  it('asks for no rules that it has, on no page', async () => {
    const rules = { version: 'one', rules: [] };
    const { feed, asked } = answering(
      { version: '7', keys: 'k', marks: [], rules },
      { version: '9', keys: 'k', marks: [mark('ann')], next: 'two' },
      { version: '9', keys: 'k', marks: [] },
    );
    await feed.refresh();
    await feed.refresh();
    expect(asked.map(({ rules: known }) => known)).toEqual([undefined, 'one', 'one']);
  });

  it('starts again from the same version if a page does not arrive', async () => {
    const { feed, asked } = answering(
      { version: '7', keys: 'k', marks: [mark('ann')], next: 'two' },
      new Error('away'),
      { version: '8', keys: 'k', marks: [] },
    );
    await expect(feed.refresh()).rejects.toThrow('away');
    await feed.refresh();
    expect(asked.at(-1)).toEqual({});
  });

  it('keeps what it knows while auth-service is away, and its age grows', async () => {
    const { feed } = answering({ version: '7', keys: 'k', marks: [mark('ann')] });
    await feed.refresh();
    await expect(feed.refresh()).rejects.toThrow('away');
    expect(feed.marks.voids(facts('ann'))).toBe(true);
    const { age } = feed;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(feed.age).toBeGreaterThan(age);
  });

  it('ignores marks of kinds that only a later version knows', async () => {
    const { feed } = answering({
      version: '7',
      keys: 'k',
      marks: [{ kind: 'planet', name: 'ann', before: 0 }],
    });
    await feed.refresh();
    expect(feed.marks.voids(facts('ann'))).toBe(false);
  });

  it('takes the rules of the database once for each version, without actions that it does not know', async () => {
    const rule = { name: 'a', effect: 'allow', subjects: ['users'], repositories: ['**'] } as const;
    const rules = { version: 'one', rules: [{ ...rule, actions: ['pull', 'fly'] }] };
    const asked: Parameters<AskForChanges>[0][] = [];
    const taken: unknown[] = [];
    const feed = new AccessFeed(
      async (question) => {
        asked.push(question);
        return { version: '7', keys: 'k', marks: [], ...(question.rules === 'one' ? {} : { rules }) };
      },
      { rulesChanged: async (changed) => void taken.push(changed) },
    );
    await feed.refresh();
    await feed.refresh();
    expect(taken).toEqual([[{ ...rule, actions: ['pull'] }]]);
    expect(asked.map(({ rules: known }) => known)).toEqual([undefined, 'one']);
  });

  it('tells when auth-service has other signing keys, once for each change', async () => {
    const sets = ['one', 'one', 'two', 'two', 'three'];
    let changes = 0;
    const feed = new AccessFeed(async () => ({ version: '7', keys: sets.shift() ?? '', marks: [] }), {
      keysChanged: () => void (changes += 1),
    });
    for (const expected of [0, 0, 1, 1, 2]) {
      await feed.refresh();
      expect(changes).toBe(expected);
    }
  });

  it('is ready with the first answer of its loop', async () => {
    const { feed } = answering(new Error('not yet'), { version: '7', keys: 'k', marks: [] });
    feed.start();
    expect(feed.isReady).toBe(false);
    await feed.first();
    expect(feed.isReady).toBe(true);
    await feed.close();
  });

  it('waits for no answer once it is closed', async () => {
    const { feed } = answering();
    const first = feed.first();
    await feed.close();
    const began = performance.now();
    await first;
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
