import { randomBytes } from 'node:crypto';
import { isConflict } from './azure-error.ts';
import { type AzureBlobs, type BlobFacts, type Condition, md5Of } from './azure-blobs.ts';
import { type Block, blockSize, blocksToKeep } from './block-plan.ts';
import { type ObjectKey, StorageError, unlessAbsent } from '@longshore/storage';
import { type Part, type PartSource, sendPart } from '@longshore/storage-remote';

/** The blocks of an upload's blob that stay, and the bytes after them that are written again. */
export interface Beginning {
  readonly blocks: readonly Block[];
  readonly tail: Buffer;
  /** ETag of the blob now; undefined if none is known to exist. */
  readonly etag: string | undefined;
}

export const nothing: Beginning = { blocks: [], tail: Buffer.alloc(0), etag: undefined };

interface Writing {
  readonly key: ObjectKey;
  readonly chunkSize: number;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the blob's first `offset` bytes as a beginning. @throws StorageError 'absent'; 'corrupt' if there are fewer */
export async function beginningOf(
  blobs: AzureBlobs,
  { key, offset, signal }: { key: ObjectKey; offset: number; signal?: AbortSignal | undefined },
): Promise<Beginning> {
  const { etag, size, blocks } = await blobs.blocks({ key, signal });
  if (size < offset) throw tooShort(key, size, offset);
  const kept = blocksToKeep(blocks, offset);
  if (kept.end === offset) return { blocks: kept.blocks, tail: Buffer.alloc(0), etag };
  const { body } = await blobs.get({ key, signal }, { start: kept.end, end: offset - 1, etag });
  const tail = await wholeBody(body, offset - kept.end);
  return { blocks: kept.blocks, tail, etag };
}

export function tooShort(key: ObjectKey, size: number, offset: number): StorageError {
  return new StorageError('corrupt', {
    driver: 'azure',
    key,
    reason: `${size} bytes are there of ${offset}`,
  });
}

async function wholeBody(body: AsyncIterable<Buffer>, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for await (const chunk of body) {
    bytes.set(chunk.subarray(0, size - at), at);
    at += chunk.byteLength;
  }
  if (at === size) return bytes;
  throw new Error(`the answer has ${at} bytes, not ${size}`);
}

/**
 * Writes after the beginning of a blob. Each write that changes the blob is conditional on the ETag seen at the start of the append, so a stalled
 * older writer never changes what another one has committed.
 */
export class BlockUpload {
  readonly #blobs: AzureBlobs;
  readonly #writing: Writing;
  readonly #etag: string | undefined;
  readonly #began = performance.now();
  readonly #blocks: Block[];
  /** All block ids of a blob have the same length, and the ids of two writers must differ. */
  readonly #prefix = randomBytes(11);

  constructor(blobs: AzureBlobs, writing: Writing, { blocks, etag }: Beginning) {
    this.#blobs = blobs;
    this.#writing = writing;
    this.#etag = etag;
    this.#blocks = [...blocks];
  }

  /** Writes the full blocks of a source. @returns the last part, which is not written yet */
  async writeFullBlocks(source: PartSource): Promise<Part> {
    let under = Promise.resolve();
    for (;;) {
      const wanted = blockSize(this.#blocks.length, this.#writing.chunkSize);
      const part = await source.next(wanted);
      await under;
      if (part.isLast) return part;
      under = sendPart(part.bytes, () => this.#putBlock(part.bytes));
      // The next round awaits it and reports the failure; without this handler it would be an unhandled rejection.
      under.catch(() => undefined);
    }
  }

  /** The position at which the blob ends with everything written so far. */
  get end(): number {
    return this.#blocks.reduce((sum, { size }) => sum + size, 0);
  }

  /** Commits the written blocks and these last bytes as the blob. A blob of a single block is put whole, in one request. */
  async finish(bytes: Buffer): Promise<void> {
    if (await sendPart(bytes, () => this.#isLastPut(bytes))) return;
    await this.#putList();
  }

  /** Writes the last bytes. @returns whether that has already committed the blob */
  async #isLastPut(bytes: Buffer): Promise<boolean> {
    if (this.#blocks.length === 0 && (await this.#isPutWhole(bytes))) return true;
    if (bytes.byteLength > 0) await this.#putBlock(bytes);
    return false;
  }

  async #putBlock(bytes: Buffer): Promise<void> {
    const id = Buffer.concat([this.#prefix, Buffer.alloc(4)]);
    id.writeUInt32BE(this.#blocks.length, this.#prefix.byteLength);
    const block = { id: id.toString('base64'), size: bytes.byteLength };
    this.#blocks.push(block);
    await this.#blobs.putBlock(this.#writing, block.id, bytes);
  }

  /**
   * Puts the whole blob. @returns false if only uncommitted blocks of a failed append are there: some servers (Azurite) count them as a blob that
   * conflicts
   */
  #isPutWhole(bytes: Buffer): Promise<boolean> {
    const md5 = md5Of(bytes);
    return this.#isSettled(
      (condition) => this.#blobs.put(this.#writing, bytes, condition),
      async () => {
        const found = await this.#blobs.head(this.#writing);
        const isSame = found.size === bytes.byteLength && md5.equals(found.md5 ?? Buffer.alloc(0));
        return { ...found, isOurs: isSame };
      },
    );
  }

  async #putList(): Promise<void> {
    const ids = this.#blocks.map(({ id }) => id);
    const isSettled = await this.#isSettled(
      (condition) => this.#blobs.putBlockList(this.#writing, ids, condition),
      async () => {
        const found = await this.#blobs.blocks(this.#writing);
        const isSame =
          found.blocks.length === ids.length && found.blocks.every(({ id }, at) => id === ids[at]);
        return { ...found, isOurs: isSame };
      },
    );
    if (!isSettled) throw this.#disturbed(undefined);
  }

  /**
   * Runs a conditional write. A refused write may be our own, repeated because its answer was lost. If no blob was expected and the one that is there
   * is older than this append, it was never acknowledged and is overwritten.
   * @returns false if the write was refused and no blob is there
   */
  async #isSettled(
    write: (condition: Condition) => Promise<void>,
    look: () => Promise<Found>,
  ): Promise<boolean> {
    let etag = this.#etag;
    for (;;) {
      try {
        await write(etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag });
        return true;
      } catch (error) {
        if (!isConflict(error)) throw error;
        const found = await unlessAbsent(look());
        if (found === undefined) return false;
        if (found.isOurs) return true;
        if (etag !== undefined || this.#isYounger(found)) throw this.#disturbed(error);
        etag = found.etag;
      }
    }
  }

  /** Compares with the store's own clock, which counts whole seconds. */
  #isYounger({ modifiedAt, answeredAt }: BlobFacts): boolean {
    const began = answeredAt.getTime() - (performance.now() - this.#began);
    return modifiedAt.getTime() > began + 2000;
  }

  #disturbed(cause: unknown): StorageError {
    const reason = 'another writer was at work here';
    return new StorageError('unavailable', { driver: 'azure', key: this.#writing.key, reason, cause });
  }
}

type Found = BlobFacts & { readonly isOurs: boolean };
