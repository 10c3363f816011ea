import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@longshore/configuration';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Readiness } from './readiness.ts';
import { watchFile, watchTokenKeys } from './watched-file.ts';

const home = mkdtempSync(join(tmpdir(), 'readiness-'));
const opened: Readiness[] = [];
function open(): Readiness {
  const readiness = new Readiness();
  opened.push(readiness);
  return readiness;
}
afterEach(() => {
  for (const readiness of opened.splice(0)) readiness.drain();
});
afterAll(() => rmSync(home, { recursive: true }));

const patience = { timeout: 60_000 };

describe('Readiness', () => {
  it('logs each change once, with the reason, and nothing while all is well', async () => {
    const said: [level: string, facts: object, message: string][] = [];
    const log = {
      info: (facts: object, message: string) => void said.push(['info', facts, message]),
      warn: (facts: object, message: string) => void said.push(['warn', facts, message]),
    };
    let away = false;
    let looks = 0;
    const readiness = open();
    readiness.require('postgres', async () => {
      looks += 1;
      if (away) throw new Error('connection refused');
    });
    readiness.announce(log, 1);
    await expect.poll(() => looks, patience).toBeGreaterThan(5);
    expect(said).toEqual([]);
    away = true;
    await expect.poll(() => said.length, patience).toBe(1);
    const seen = looks;
    await expect.poll(() => looks, patience).toBeGreaterThan(seen + 5);
    away = false;
    await expect.poll(() => said.length, patience).toBe(2);
    expect(said).toEqual([
      ['warn', { missing: { postgres: 'connection refused' } }, 'the service is not ready'],
      ['info', {}, 'everything that the service needs is there again'],
    ]);
  });

  it('is unready while a file is away without which nothing works', async () => {
    const path = join(home, 'htpasswd');
    writeFileSync(path, '');
    const readiness = open();
    watchFile(readiness, 'auth.htpasswd.path', path, 'all');
    await expect.poll(() => readiness.missing(), patience).toEqual({});
    rmSync(path);
    await expect
      .poll(() => readiness.missing(), patience)
      .toEqual({ 'auth.htpasswd.path': expect.stringContaining('ENOENT') });
    writeFileSync(path, '');
    await expect.poll(() => readiness.missing(), patience).toEqual({});
  }, 120_000);

  it('warns of a file of keys that went away, since known keys go on', async () => {
    const path = join(home, 'bundle.pem');
    const environment = {
      REGISTRY_STORAGE_INMEMORY: '{}',
      REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: path,
      REGISTRY_AUTH_TOKEN_REALM: 'https://tokens.example/',
    };
    const readiness = open();
    watchTokenKeys(loadConfiguration({ environment }), readiness);
    await expect
      .poll(() => readiness.warnings(), patience)
      .toEqual({ 'auth.token.rootcertbundle': expect.stringContaining('ENOENT') });
    expect([await readiness.missing(), await readiness.missingForPushes()]).toEqual([{}, {}]);
    writeFileSync(path, '');
    await expect.poll(() => readiness.warnings(), patience).toEqual({});
  }, 120_000);
});
