import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseParameters, UsageError } from './parameters.ts';

beforeEach(() => {
  vi.stubEnv('INIT_CWD', '/home/user');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const parse = (...words: string[]) => parseParameters(words, 'npm start --');

describe('parseParameters', () => {
  it.each([[['--config', 'x.yml']], [['--config=x.yml']]])(
    'takes %j, from where the user stands',
    (words) => {
      expect(parse(...words)).toEqual({ config: '/home/user/x.yml', help: false });
    },
  );

  it('takes a relative path from the working directory where npm says nothing', () => {
    vi.stubEnv('INIT_CWD', undefined);
    expect(parse('--config', 'x.yml').config).toBe(resolve('x.yml'));
  });

  it('takes nothing, and an absolute path, as they are', () => {
    expect(parse()).toEqual({ config: undefined, help: false });
    expect(parse('--config=/etc/registry.yml').config).toBe('/etc/registry.yml');
  });

  it.each(['--help', '-h'])('takes %s', (word) => {
    expect(parse(word).help).toBe(true);
  });

  it.each([
    [['registry.yml'], '--config registry.yml'],
    [['--port', '5000'], 'there is no parameter --port'],
    [['--conf=x'], 'there is no parameter --conf'],
    [['-x'], 'there is no parameter -x'],
    [['--config'], '--config needs the path'],
    [['--config='], '--config needs the path'],
    [['--config', '--help'], '--config needs the path'],
    [['--config=a', '--config=b'], 'more than once'],
    [['--', 'x.yml'], '--config x.yml'],
  ])('refuses %j with the usage', (words, reason) => {
    const parsing = (): unknown => parse(...words);
    expect(parsing).toThrow(UsageError);
    expect(parsing).toThrow(reason);
    expect(parsing).toThrow('usage: npm start -- [--config FILE]');
  });
});
