import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archive, uniqueBytes } from '@longshore/testing';

/** Writes a root file system in one archive, different each time, so that a push really uploads. */
export async function writeRootfs(folder: string): Promise<string> {
  const path = join(folder, 'rootfs.tar');
  await writeFile(path, archive([{ path: 'etc/unique', content: uniqueBytes(20_000).toString('hex') }]));
  return path;
}
