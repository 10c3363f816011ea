import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busServices, passwordVariable } from '@longshore/messaging';
import { afterAll, describe, expect, it } from 'vitest';
import { lastingSecrets, writeBusPasswords } from './lasting-secrets.ts';
import { busPasswords, busSecret, secretNames } from './names.ts';

describe('lastingSecrets', () => {
  const place = mkdtempSync(join(tmpdir(), 'longshore-secrets-'));
  const folder = join(place, 'secrets');
  afterAll(() => rmSync(place, { recursive: true }));

  it('makes each secret once, at random, for its owner alone', () => {
    const { values, made } = lastingSecrets(folder, secretNames.cluster);
    expect(made).toEqual(secretNames.cluster);
    expect(new Set(values.values()).size).toBe(secretNames.cluster.length);
    for (const [name, value] of values) {
      expect(value).toMatch(/^[0-9a-f]{64}$/);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(lastingSecrets(folder, secretNames.cluster)).toEqual({ values, made: [] });
  });

  it('keeps existing secrets and creates those that a later version needs', () => {
    writeFileSync(join(folder, 'http-secret'), 'by hand\n');
    const { values, made } = lastingSecrets(folder, secretNames.compose);
    expect(values.get('http-secret')).toBe('by hand');
    expect(made).toEqual(secretNames.compose.filter((name) => !secretNames.cluster.includes(name)));
  });

  it('tells the server of the bus the password of every service', () => {
    const { values } = lastingSecrets(folder, secretNames.compose);
    writeBusPasswords(folder, values, 0o644);
    const expected = busServices.map(
      (service) => `${passwordVariable(service)}: "${values.get(busSecret(service))}"\n`,
    );
    expect(readFileSync(join(folder, busPasswords), 'utf8')).toBe(expected.join(''));
  });
});
