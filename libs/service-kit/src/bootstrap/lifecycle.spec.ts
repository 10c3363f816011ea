import { describe, expect, it } from 'vitest';
import { Lifecycle } from './lifecycle.ts';

describe('Lifecycle', () => {
  it('closes in the reverse order, one after another', async () => {
    const events: string[] = [];
    const lifecycle = new Lifecycle();
    for (const name of ['database', 'bus', 'server']) {
      lifecycle.onClose(name, async () => {
        events.push(`${name} begins`);
        await Promise.resolve();
        events.push(`${name} is closed`);
      });
    }
    await lifecycle.onApplicationShutdown();
    expect(events).toEqual([
      'server begins',
      'server is closed',
      'bus begins',
      'bus is closed',
      'database begins',
      'database is closed',
    ]);
  });

  it('closes everything despite a failure, and then reports it', async () => {
    const closed: string[] = [];
    const lifecycle = new Lifecycle();
    lifecycle.onClose('database', async () => void closed.push('database'));
    lifecycle.onClose('bus', () => Promise.reject(new Error('not connected')));
    const closing = lifecycle.onApplicationShutdown();
    await expect(closing).rejects.toThrow('closing bus failed');
    expect(closed).toEqual(['database']);
  });

  it('closes each part only once', async () => {
    let times = 0;
    const lifecycle = new Lifecycle();
    lifecycle.onClose('database', async () => void (times += 1));
    await lifecycle.onApplicationShutdown();
    await lifecycle.onApplicationShutdown();
    expect(times).toBe(1);
  });
});
