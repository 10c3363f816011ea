import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';

/** Returns the prototype of all open files of this process. A test that replaces a method on it can simulate any answer of the kernel. */
export async function fileHandlePrototype(): Promise<FileHandle> {
  const handle = await open(tmpdir());
  await handle.close();
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  return prototype;
}
