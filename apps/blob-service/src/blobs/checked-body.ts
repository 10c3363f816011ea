import { createHash, type Hash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import { type Digest, digestAlgorithm, digestHex } from '@longshore/oci';
import { isLending, isLostOrDamaged, type LendingReadable } from '@longshore/storage';

/** What a read found of an object: there is none, it has not as many bytes as its blob, or it has other ones. */
export type ObjectFault = 'absent' | 'length' | 'digest';

/** The object of a blob has other bytes than the ones that were acknowledged. */
export class BlobDamaged extends Error {
  override readonly name = 'BlobDamaged';
}

export interface ExpectedBody {
  /** Bytes. */
  readonly size: number;
  /** Of the whole body; undefined for a part of a blob, or where pulls are not verified. */
  readonly digest: Digest | undefined;
  /** Told once when the body is found not to be the expected one. */
  readonly failed: (fault: ObjectFault) => void;
}

/** What a failed read says of the object; undefined when it says nothing (the store is away, the client went). */
export function faultOf(error: unknown): ObjectFault | undefined {
  if (!isLostOrDamaged(error)) return undefined;
  return error.kind === 'absent' ? 'absent' : 'length';
}

/**
 * The same bytes, hashed as they pass. With a digest the last chunk is held back until all bytes are known to be right: otherwise the body fails
 * instead, so that the answer is cut and no client takes it for whole. Lends its chunks where the given body does.
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

  /** Before a chunk goes on. */
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

  /** At an end that the store took for a good one. */
  short(): BlobDamaged | undefined {
    const { size } = this.#expected;
    if (this.#seen >= size) return undefined;
    this.#expected.failed('length');
    return new BlobDamaged(`the object has ${this.#seen} bytes of ${size}`);
  }

  /** When the body failed. */
  ended(error: unknown): void {
    const fault = faultOf(error);
    if (fault !== undefined) this.#expected.failed(fault);
  }
}
