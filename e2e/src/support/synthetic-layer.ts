import { createHash, type Hash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

const chunkBytes = 1024 * 1024;

export interface SyntheticLayer {
  readonly stream: Readable;
  /** Known when the stream has been read to its end. */
  digest(): string;
}

/** Makes any number of bytes without holding them: one random megabyte, with a new number each time it is sent. */
export function syntheticLayer(bytes: number): SyntheticLayer {
  const hash: Hash = createHash('sha256');
  const seed = randomBytes(chunkBytes);
  let sent = 0;
  let result: string | undefined;
  const stream = new Readable({
    highWaterMark: 2 * chunkBytes,
    read() {
      if (sent === bytes) {
        result = `sha256:${hash.digest('hex')}`;
        this.push(null);
        return;
      }
      const chunk = Buffer.from(seed.subarray(0, Math.min(chunkBytes, bytes - sent)));
      if (chunk.length >= 8) chunk.writeBigUInt64LE(BigInt(sent));
      sent += chunk.length;
      hash.update(chunk);
      this.push(chunk);
    },
  });
  return {
    stream,
    digest: () => {
      if (result === undefined) throw new Error('the layer has not been sent to its end');
      return result;
    },
  };
}
