import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';

/** What all open files of this process inherit from: a test that replaces a method there meets each of the kernel's answers. */
export async function fileHandlePrototype(): Promise<FileHandle> {
  const handle = await open(tmpdir());
  await handle.close();
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  return prototype;
}
