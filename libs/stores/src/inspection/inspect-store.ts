import { randomUUID } from 'node:crypto';
import { followRedirect } from './follow-redirect.ts';
import { objectKey, type ObjectKey, type StorageDriver, type Upload } from '@longshore/storage';

export interface Finding {
  /** The step that was tried. */
  readonly what: string;
  /** `limited`: it works, with a limitation that is worth knowing. */
  readonly outcome: 'ok' | 'limited' | 'failed';
  readonly detail: string;
}

type Verdict = Omit<Finding, 'what'>;

/** Seconds of clock difference from which on it is reported. Stores refuse signatures at a larger one (S3 and OSS: 15 minutes). */
const noticeableSkew = 60;
const fine = (detail = ''): Verdict => ({ outcome: 'ok', detail });
const limited = (detail: string): Verdict => ({ outcome: 'limited', detail });

/**
 * Tries every operation that the registry needs of a store, with a few megabytes of test data, and yields the result of each. Problems show here
 * before traffic meets them. Continues after a failure. Deletes its data as far as it can.
 */
export async function* inspectStore(driver: StorageDriver): AsyncGenerator<Finding> {
  const key = objectKey(`uploads/inspection-${randomUUID()}`);
  const tried: readonly [string, () => Promise<Verdict>][] = [
    ['write, read and delete', () => driver.check().then(() => fine())],
    ['clock', () => compareClocks(driver, key)],
    ['upload in small chunks', () => uploadInChunks(driver, key)],
    ['listing', () => list(driver, key)],
    ['leftovers of uploads', () => countLeftovers(driver)],
    ['redirects of clients', () => redirect(driver, key)],
    ['clean-up', () => cleanUp(driver, key)],
  ];
  for (const [what, attempt] of tried) {
    const verdict = await attempt().catch((error: unknown): Verdict => ({
      outcome: 'failed',
      detail: error instanceof Error ? error.message : String(error),
    }));
    yield { what, ...verdict };
  }
}

async function compareClocks(driver: StorageDriver, key: ObjectKey): Promise<Verdict> {
  await driver.put(key, Buffer.from('what time is it?'));
  const { modifiedAt } = await driver.stat(key);
  await driver.delete([key]);
  const skew = Math.round((modifiedAt.getTime() - Date.now()) / 1000);
  const detail = `the store's clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} ours`;
  return Math.abs(skew) < noticeableSkew ? fine() : limited(detail);
}

/** Uploads a chunk smaller than the store's parts, then a larger one, as a client may. */
async function uploadInChunks(driver: StorageDriver, key: ObjectKey): Promise<Verdict> {
  const { minimumChunk, renames } = driver.capabilities;
  let upload: Upload = { key, offset: 0, state: null };
  for (const size of [1, 1000, minimumChunk + 1, 1]) {
    upload = { key, ...(await driver.append(upload, someBytes(size))) };
  }
  await driver.commit(upload, key);
  const { size } = await driver.stat(key);
  if (size !== upload.offset) throw new Error(`${size} bytes are there of ${upload.offset}`);
  const how = renames ? 'a finished upload is renamed' : 'a finished upload stays where it is';
  return minimumChunk > 1
    ? fine(`${how}; chunks below ${minimumChunk} bytes cost the store another request`)
    : fine(how);
}

async function* someBytes(size: number): AsyncGenerator<Uint8Array> {
  const chunk = 64 * 1024;
  for (let left = size; left > 0; left -= chunk) yield Buffer.alloc(Math.min(chunk, left), 7);
}

async function list(driver: StorageDriver, key: ObjectKey): Promise<Verdict> {
  for await (const found of driver.list(key)) if (found.key === key) return fine();
  throw new Error('an object that is there is not listed');
}

async function countLeftovers(driver: StorageDriver): Promise<Verdict> {
  let count = 0;
  for await (const _ of driver.leftovers()) if (++count === 1000) break;
  return fine(count === 0 ? 'none' : `${count === 1000 ? 'at least ' : ''}${count}, of open uploads too`);
}

async function redirect(driver: StorageDriver, key: ObjectKey): Promise<Verdict> {
  if (!driver.capabilities.redirects) return fine('none: the registry serves every byte');
  const { size } = await driver.stat(key);
  const problems = await Promise.all(
    (['GET', 'HEAD'] as const).map(async (method) => {
      const url = await driver.redirect(key, { method, expiresInSeconds: 120 });
      return url === undefined ? 'the driver has no URL' : followRedirect(url, { method, size });
    }),
  );
  const problem = problems.find((text) => text !== undefined);
  return problem === undefined
    ? fine()
    : limited(`${problem}; if clients fare no better, set storage.redirect.disable`);
}

async function cleanUp(driver: StorageDriver, key: ObjectKey): Promise<Verdict> {
  await driver.abort(key);
  return fine();
}
