import { describe, expect, it } from 'vitest';
import { createDriver } from '../src/index.ts';
import { parseParameters } from '../src/parameters.ts';

describe('the parameters', () => {
  it('have a default for each but the path', () => {
    expect(parseParameters({ path: '/a.db' })).toEqual({ path: '/a.db', busytimeout: 5000 });
    expect(parseParameters({ path: '/a.db', busytimeout: '20' })).toEqual({ path: '/a.db', busytimeout: 20 });
  });

  it('are refused with the name of each wrong one', () => {
    expect(() => createDriver({ path: 7, busytimeout: 'long', bucket: 'b' })).toThrow(
      /storage\.sqlite\.path: .*storage\.sqlite\.busytimeout: .*storage\.sqlite\.bucket: /s,
    );
  });

  it.each([undefined, null, 'path', []])('must be a mapping, not %j', (given) => {
    expect(() => createDriver(given)).toThrow('storage.sqlite: must be a mapping');
  });

  it.each([-1, 0.5, 60_001, true, ''])('refuse the waiting time %j', (busytimeout) => {
    expect(() => parseParameters({ path: '/a.db', busytimeout })).toThrow('storage.sqlite.busytimeout');
  });
});
