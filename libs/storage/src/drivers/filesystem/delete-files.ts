import { unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ObjectKey } from '../../object-key.ts';
import type { DeleteFailure, DeleteResult } from '../../storage-driver.ts';
import { forEachOf } from '../../for-drivers/for-each-of.ts';
import type { DirectoryTree } from './directory-tree.ts';
import { codeOf, writeError } from './file-error.ts';

/** Concurrent directories of a bulk deletion, and concurrent files in each of them. */
const atOnce = 8;

/** Removes the files of these keys and the directories that become empty. A file counts as gone when its removal is durable. */
export async function deleteFiles(tree: DirectoryTree, keys: readonly ObjectKey[]): Promise<DeleteResult> {
  const gone: ObjectKey[] = [];
  const failed: DeleteFailure[] = [];
  const families = Map.groupBy(new Set(keys), (key) => dirname(key)).values();
  await forEachOf([...families], atOnce, async (siblings) => {
    const outcome = await deleteSiblings(tree, siblings);
    gone.push(...outcome.gone);
    failed.push(...outcome.failed);
  });
  return { gone, failed };
}

async function deleteSiblings(tree: DirectoryTree, siblings: readonly ObjectKey[]): Promise<DeleteResult> {
  const gone: ObjectKey[] = [];
  const failed: DeleteFailure[] = [];
  try {
    const directory = await directoryOf(tree, siblings);
    if (directory === undefined) return { gone: siblings, failed };
    await forEachOf(siblings, atOnce, async (key) => {
      try {
        await removeFile(join(directory, basename(key)));
        gone.push(key);
      } catch (error) {
        failed.push({ key, error: writeError(error, key) });
      }
    });
    await tree.prune(directory);
    return { gone, failed };
  } catch (error) {
    return { gone: [], failed: siblings.map((key) => ({ key, error: writeError(error, key) })) };
  }
}

async function directoryOf(tree: DirectoryTree, [first]: readonly ObjectKey[]): Promise<string | undefined> {
  try {
    return first === undefined ? undefined : dirname(await tree.find(first));
  } catch (error) {
    if (isNoFile(error)) return undefined;
    throw error;
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isNoFile(error)) throw error;
  }
}

/** Whether the error means that this key has no object: the path is missing, is a directory, or runs through a file. */
function isNoFile(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '');
}
