import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BoundedLog } from './bounded-log.ts';

let folder: string;
let log: BoundedLog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bounded-log-'));
  log = new BoundedLog(join(folder, 'server.log'), 100);
});
afterEach(async () => {
  log.close();
  await rm(folder, { recursive: true });
});

describe('BoundedLog', () => {
  it('keeps at most its limit and one older part while the writer continues', async () => {
    const output = log.open();
    writeSync(output.descriptor, 'a'.repeat(90));
    await log.cut();
    writeSync(output.descriptor, 'b'.repeat(90));
    await log.cut();
    writeSync(output.descriptor, 'after');
    expect(await readFile(log.path, 'utf8')).toBe('after');
    expect(await readFile(`${log.path}.1`, 'utf8')).toBe('a'.repeat(90) + 'b'.repeat(90));
    output.close();
  });

  it('returns the text since an offset, also after a cut', async () => {
    const output = log.open();
    writeSync(output.descriptor, 'a'.repeat(200));
    const offset = await log.size();
    writeSync(output.descriptor, 'new');
    expect(await log.since(offset)).toBe('new');
    await log.cut();
    writeSync(output.descriptor, 'newer');
    expect(await log.since(offset)).toBe('newer');
    output.close();
  });
});
