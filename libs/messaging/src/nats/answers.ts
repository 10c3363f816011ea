import { OciError, type WireOciError } from '@longshore/oci';
import type { Packed } from '../wire/pack.ts';
import type { AnswerSeal } from './message-seal.ts';
import { encodeAnswers, type Answer } from './message.ts';
import type { NatsConnector } from './nats-connector.ts';

const messageBytes = 512 * 1024;

export interface AnswersOptions {
  readonly questions: number;
  readonly complete: () => void;
  /** Set if the question is confidential. */
  readonly seal: AnswerSeal | undefined;
}

/**
 * Collects the answers to one question message. Answers that are ready in the same turn share a message. A fast answer does not wait for a slow one,
 * and a large answer gets a message of its own.
 */
export class Answers {
  readonly #connector: NatsConnector;
  readonly #reply: string;
  readonly #seal: AnswerSeal | undefined;
  #ready: Answer[] = [];
  #open: number;
  #scheduled = false;
  readonly #complete: () => void;

  constructor(connector: NatsConnector, reply: string, { questions, complete, seal }: AnswersOptions) {
    this.#connector = connector;
    this.#reply = reply;
    this.#seal = seal;
    this.#open = questions;
    this.#complete = complete;
  }

  add(index: number, content: Packed | WireOciError): void {
    this.#ready.push({ index, content });
    if (this.#scheduled || this.#open === 1) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** One question is finished, with or without an answer. */
  ended(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#flush();
    this.#complete();
  }

  #flush(): void {
    const answers = this.#ready;
    this.#ready = [];
    let first = 0;
    let bytes = 0;
    for (const [index, { content }] of answers.entries()) {
      const size = sizeOf(content);
      if (index > first && bytes + size > messageBytes) {
        this.#publish(answers.slice(first, index));
        [first, bytes] = [index, 0];
      }
      bytes += size;
    }
    if (first < answers.length) this.#publish(answers.slice(first));
  }

  #publish(answers: readonly Answer[]): void {
    const message = this.#written(answers);
    if (message.length <= this.#connector.maximumPayload) {
      this.#connector.held?.publish(this.#reply, message);
      return;
    }
    this.#connector.log.error({ bytes: message.length }, 'an answer is larger than the bus carries');
    const content = new OciError('UNKNOWN', { reason: 'the answer is too large' }).toWire();
    this.#connector.held?.publish(
      this.#reply,
      this.#written(answers.map(({ index }) => ({ index, content }))),
    );
  }

  #written(answers: readonly Answer[]): Uint8Array {
    const frame = encodeAnswers(answers);
    return this.#seal?.seal(frame) ?? frame;
  }
}

function sizeOf(content: Packed | WireOciError): number {
  if (!('text' in content)) return 1024;
  return content.attachments.reduce((sum, { byteLength }) => sum + byteLength, content.text.length);
}
