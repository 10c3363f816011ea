import { randomBytes } from 'node:crypto';
import { Seal } from '@longshore/authorization';

/*
 * A sealed question:  version u8 | time of sending, ms since 1970, u64 | nonce, 32 bytes | frame, sealed
 * A sealed answer:    frame, sealed
 *
 * Each question has its own key, derived from the secret and the nonce. Its answers are sealed with the same key, so an answer cannot pass for the
 * answer to another question. No key comes near the number of messages that AES-GCM allows with random nonces (NIST SP 800-38D, 8.3). The seal
 * authenticates subject, reply subject and time, so a question can be neither redirected nor answered elsewhere.
 */
const version = 2;
const timeAt = 1;
const nonceAt = 9;
const frameAt = 41;

/**
 * Milliseconds by which a question's time may differ from the local clock. Longer than any deadline, shorter than a clock error that stays unnoticed.
 */
export const replayWindow = 60_000;

/** The subject of a question and the subject of its answers. */
export interface Route {
  readonly subject: string;
  readonly reply: string;
}

/** Seals and opens the answers to one question. */
export class AnswerSeal {
  readonly #seal: Seal;
  readonly #context: string;

  constructor(seal: Seal, { subject, reply }: Route) {
    this.#seal = seal;
    this.#context = `answer ${subject} ${reply}`;
  }

  seal(frame: Uint8Array): Uint8Array {
    return this.#seal.seal(frame, this.#context);
  }

  /** @returns undefined if it was sealed with another secret or for another question, or was changed */
  open(message: Uint8Array): Uint8Array | undefined {
    return this.#seal.open(message, this.#context);
  }
}

export interface SealedQuestion {
  readonly message: Uint8Array;
  readonly answers: AnswerSeal;
}

export type OpenedQuestion =
  | { readonly verdict: 'authentic' | 'stale'; readonly frame: Uint8Array; readonly answers: AnswerSeal }
  | { readonly verdict: 'unreadable' | 'replayed' };

/** Seals the messages of confidential contracts with `services.secret`: AES-256-GCM, keys by HKDF. */
export class MessageSeal {
  readonly #secret: string;
  /** Nonces of the questions that were opened within the window, with their time of sending, in order of arrival. */
  readonly #opened = new Map<string, number>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** @param now milliseconds since 1970 */
  seal(frame: Uint8Array, route: Route, now = Date.now()): SealedQuestion {
    const head = Buffer.alloc(frameAt);
    head.writeUInt8(version);
    head.writeBigUInt64BE(BigInt(now), timeAt);
    head.set(randomBytes(frameAt - nonceAt), nonceAt);
    const seal = this.#sealOf(head);
    const sealed = seal.seal(frame, questionContext(head, route));
    return { message: Buffer.concat([head, sealed]), answers: new AnswerSeal(seal, route) };
  }

  /**
   * Opens each question once. After a restart, a question that is not yet stale can be opened once more.
   * @param now milliseconds since 1970
   */
  open(message: Uint8Array, route: Route, now = Date.now()): OpenedQuestion {
    const head = Buffer.from(message.subarray(0, frameAt));
    if (head.length < frameAt || head.readUInt8() !== version) return { verdict: 'unreadable' };
    const seal = this.#sealOf(head);
    const frame = seal.open(message.subarray(frameAt), questionContext(head, route));
    if (frame === undefined) return { verdict: 'unreadable' };
    const sentAt = Number(head.readBigUInt64BE(timeAt));
    const answers = new AnswerSeal(seal, route);
    if (Math.abs(now - sentAt) > replayWindow) return { verdict: 'stale', frame, answers };
    return this.#isNew(nonceOf(head), sentAt, now)
      ? { verdict: 'authentic', frame, answers }
      : { verdict: 'replayed' };
  }

  // Only messages sealed by our own services get here, so an attacker cannot fill the memory.
  #isNew(nonce: string, sentAt: number, now: number): boolean {
    for (const [known, time] of this.#opened) {
      if (now - time <= replayWindow) break;
      this.#opened.delete(known);
    }
    if (this.#opened.has(nonce)) return false;
    this.#opened.set(nonce, sentAt);
    return true;
  }

  #sealOf(head: Buffer): Seal {
    return new Seal(this.#secret, `bus ${nonceOf(head)}`);
  }
}

const nonceOf = (head: Buffer): string => head.toString('base64url', nonceAt);

const questionContext = (head: Buffer, { subject, reply }: Route): string =>
  `question ${subject} ${reply} ${head.readBigUInt64BE(timeAt)}`;
