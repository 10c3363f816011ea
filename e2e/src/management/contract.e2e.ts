import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonWith } from '@longshore/testing/stores';
import { expect, it } from 'vitest';
import { attempt } from '../support/command.ts';
import { alice } from '../support/credentials.ts';
import { target } from '../support/target.ts';

const settings = fileURLToPath(new URL('schemathesis.toml', import.meta.url));

/** Sends what the OpenAPI document allows and what it forbids to every operation, and compares each answer with it. */
it(
  'does what its document says, with every input that schemathesis thinks of',
  { timeout: 300_000 },
  async () => {
    const python = await pythonWith('schemathesis==4.32.5');
    const folder = await mkdtemp(join(tmpdir(), 'schemathesis-'));
    const words = `run ${target.origin}/api/v1/openapi.json --url ${target.origin}
      --auth ${alice.username}:${alice.password}
      --max-examples 20 --generation-deterministic --phases examples,coverage,fuzzing`;
    const { code, stdout } = await attempt(
      python,
      ['-m', 'schemathesis.cli', '--no-color', '--config-file', settings, ...words.split(/\s+/)],
      { cwd: folder, timeoutMs: 280_000 },
    );
    await rm(folder, { recursive: true });
    expect(code, stdout.slice(-20_000)).toBe(0);
    const [, tested = '0'] = /Tested: +(\d+)/.exec(stdout) ?? [];
    expect(Number(tested)).toBeGreaterThanOrEqual(40);
  },
);
