import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

// Of the file that imports this: a hook that is registered within another one, as where a folder is mostly asked for, would never run.
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })));
});

/** A directory that is gone after the file's last test. */
export async function temporaryFolder(topic: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `longshore-${topic}-`));
  folders.push(folder);
  return folder;
}
