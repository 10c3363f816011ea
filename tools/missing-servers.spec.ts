import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const repository = join(import.meta.dirname, '..');

/** Functions that start a program of the machine, each with the question whether it is missing. */
const servers = [
  ['startNatsServer', 'natsServerIsMissing'],
  ['startDirectory', 'directoryIsMissing'],
  ['startPebble', 'pebbleIsMissing'],
] as const;

/** The specs that `npm test` runs, which passes on a machine with nothing but Node. */
const specs = globSync('{apps,libs}/*/src/**/*.spec.ts', {
  cwd: repository,
  exclude: ['**/*.stores.spec.ts'],
}).map((file) => ({ file, text: readFileSync(join(repository, file), 'utf8') }));

describe.each(servers)('a spec that calls %s', (start, isMissing) => {
  const users = specs.filter(({ text }) => text.includes(`${start}(`));

  it('exists', () => {
    expect(users).not.toEqual([]);
  });

  it.each(users)('$file is skipped where the program is missing', ({ text }) => {
    expect(text).toContain(`${isMissing}()`);
  });
});
