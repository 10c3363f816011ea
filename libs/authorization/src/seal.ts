import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const version = 1;
const nonceLength = 12;
const tagLength = 16;

/**
 * Authenticated encryption (AES-256-GCM) with a key that HKDF derives from the deployment's secret, one per purpose, so that text sealed for one
 * purpose cannot be opened for another. Format: a version byte, the nonce, the ciphertext, the tag.
 */
export class Seal {
  readonly #key: Buffer;

  constructor(secret: string, purpose: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, 'longshore', purpose, 32));
  }

  /** @param context bound to the ciphertext and required to open it, for instance the row that it belongs to */
  seal(plain: Uint8Array, context: string): Buffer {
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(context));
    return Buffer.concat([
      Buffer.of(version),
      nonce,
      cipher.update(plain),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
  }

  /** @returns undefined if it was sealed with another secret, for another purpose or context, or was changed */
  open(sealed: Uint8Array, context: string): Buffer | undefined {
    if (sealed.length < 1 + nonceLength + tagLength || sealed[0] !== version) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(1, 1 + nonceLength))
      .setAAD(Buffer.from(context))
      .setAuthTag(sealed.subarray(-tagLength));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(1 + nonceLength, -tagLength)), decipher.final()]);
    } catch {
      return undefined; // The tag does not match; no more is known.
    }
  }
}
