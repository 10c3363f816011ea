import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { addHelper, removeHelper } from './docker-configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-docker-'));
afterAll(() => rmSync(folder, { recursive: true }));
const server = 'registry.example.com';

/** Returns an environment whose docker has a folder of its own. */
function environmentOf(name: string): { readonly DOCKER_CONFIG: string } {
  const home = join(folder, name);
  mkdirSync(home);
  return { DOCKER_CONFIG: home };
}

const configurationAt = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('the configuration of docker', () => {
  it('names our helper for a registry, keeps everything else, and forgets only our helper', () => {
    const environment = environmentOf('new');
    const path = addHelper(environment, server);
    expect(path).toBe(join(environment.DOCKER_CONFIG, 'config.json'));
    expect(configurationAt(path)).toEqual({ credHelpers: { [server]: 'longshore' } });
    writeFileSync(path, JSON.stringify({ psFormat: 'x', credHelpers: { [server]: 'longshore', b: 'pass' } }));
    removeHelper(environment, server);
    removeHelper(environment, 'b');
    expect(configurationAt(path)).toEqual({ psFormat: 'x', credHelpers: { b: 'pass' } });
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
  });

  it('stays a symbolic link, as people have it who keep such files elsewhere', () => {
    const environment = environmentOf('link');
    const kept = join(folder, 'kept.json');
    writeFileSync(kept, '{"psFormat":"x"}');
    symlinkSync(kept, join(environment.DOCKER_CONFIG, 'config.json'));
    const path = addHelper(environment, server);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(configurationAt(kept)).toEqual({ psFormat: 'x', credHelpers: { [server]: 'longshore' } });
  });

  it('is not overwritten if it is no JSON', () => {
    const environment = environmentOf('broken');
    const path = join(environment.DOCKER_CONFIG, 'config.json');
    writeFileSync(path, '{');
    expect(() => addHelper(environment, server)).toThrow(`${path} cannot be read`);
    expect(readFileSync(path, 'utf8')).toBe('{');
  });
});
