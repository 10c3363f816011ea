import { createHash, type Hash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import { type Digest, digestAlgorithm, digestHex } from '@longshore/oci';
import { isLending, isLostOrDamaged, type LendingReadable } from '@longshore/storage';

/** The fault of an object that was read: it is absent, its size differs from the blob's, or its bytes do. */
export type ObjectFault = 'absent' | 'length' | 'digest';

/** The object of a blob has other bytes than the acknowledged ones. */
export class BlobDamaged extends Error {
  override readonly name = 'BlobDamaged';
}

export interface ExpectedBody {
  /** Bytes. */
  readonly size: number;
  /** Digest of the whole body. Undefined for a range of a blob, or if pulls are not verified. */
  readonly digest: Digest | undefined;
  /** Called once when the body turns out to be another than expected. */
  readonly failed: (fault: ObjectFault) => void;
}

/**
 * Returns the fault of the object behind a failed read, or undefined if the failure is not the object's (the store is unavailable, the client left).
 */
export function faultOf(error: unknown): ObjectFault | undefined {
  if (!isLostOrDamaged(error)) return undefined;
  return error.kind === 'absent' ? 'absent' : 'length';
}

/**
 * Passes the bytes on and hashes them. With a digest, it holds the last chunk back until all bytes are verified. If they are wrong, the body fails
 * instead, so the answer is cut and no client takes it for complete. Lends its chunks if the given body does.
 */
export function checkedBody(body: Readable, expected: ExpectedBody): Readable {
  const check = new BodyCheck(expected);
  if (isLending(body)) return checkLent(body, check);
  const checked = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      const fault = check.take(chunk);
      if (fault === undefined) done(null, chunk);
      else done(fault);
    },
    flush(done) {
      done(check.short() ?? null);
    },
  });
  return pipeline(body, checked, (error) => check.ended(error));
}

function checkLent(body: LendingReadable, check: BodyCheck): LendingReadable {
  const lend = body.lend.bind(body);
  return Object.assign(body, {
    lend: async (use: (chunk: Uint8Array) => Promise<void>): Promise<void> => {
      try {
        await lend(async (chunk) => {
          const fault = check.take(chunk);
          if (fault !== undefined) throw fault;
          await use(chunk);
        });
        const short = check.short();
        if (short !== undefined) throw short;
      } catch (error) {
        check.ended(error);
        throw error;
      }
    },
  });
}

class BodyCheck {
  readonly #expected: ExpectedBody;
  readonly #hash: Hash | undefined;
  #seen = 0;

  constructor(expected: ExpectedBody) {
    this.#expected = expected;
    const { digest } = expected;
    if (digest !== undefined) this.#hash = createHash(digestAlgorithm(digest));
  }

  /** Called before a chunk is passed on. */
  take(chunk: Uint8Array): BlobDamaged | undefined {
    this.#seen += chunk.byteLength;
    if (this.#hash === undefined) return undefined;
    this.#hash.update(chunk);
    const { size, digest } = this.#expected;
    if (this.#seen !== size || digest === undefined) return undefined;
    const actual = this.#hash.digest('hex');
    if (actual === digestHex(digest)) return undefined;
    this.#expected.failed('digest');
    return new BlobDamaged(`the bytes of ${digest} have the digest ${actual}`);
  }

  /** Called when the store ended the body without an error. */
  short(): BlobDamaged | undefined {
    const { size } = this.#expected;
    if (this.#seen >= size) return undefined;
    this.#expected.failed('length');
    return new BlobDamaged(`the object has ${this.#seen} bytes of ${size}`);
  }

  /** Called when the body failed. */
  ended(error: unknown): void {
    const fault = faultOf(error);
    if (fault !== undefined) this.#expected.failed(fault);
  }
}
