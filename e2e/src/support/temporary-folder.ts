import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

// Registered for the importing file: a hook inside another hook, where a folder is mostly requested, would never run.
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })));
});

/** Creates a directory that is deleted after the file's last test. */
export async function temporaryFolder(topic: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `longshore-${topic}-`));
  folders.push(folder);
  return folder;
}
