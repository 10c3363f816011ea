import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverConfiguration } from '@longshore/messaging';
import { afterAll, describe, expect, it } from 'vitest';
import { natsVersion } from './nats-version.ts';

describe('natsVersion', () => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-nats-version-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const saying = (text: string): string => {
    const program = join(folder, 'nats-server');
    writeFileSync(program, `#!/bin/sh\necho '${text}'\n`);
    chmodSync(program, 0o755);
    return program;
  };

  it.each([
    ['nats-server: v2.9.10', { version: '2.9.10', syncs: false }],
    ['nats-server: v2.10.0', { version: '2.10.0', syncs: true }],
    ['nats-server: v2.15.2', { version: '2.15.2', syncs: true }],
    ['nats-server: v3.0.0-beta.1', { version: '3.0.0-beta.1', syncs: true }],
  ])('reads %s', async (text, expected) => {
    expect(await natsVersion(saying(text))).toEqual(expected);
  });

  it('names a program that reports no version', async () => {
    await expect(natsVersion(saying('hello'))).rejects.toThrow(
      `${folder}/nats-server --version says "hello"`,
    );
  });

  it('omits the settings that Debian 12’s nats-server does not know', () => {
    expect(serverConfiguration()).toContain('sync_interval: always');
    expect(serverConfiguration({ syncs: false })).not.toContain('sync_interval');
  });
});
