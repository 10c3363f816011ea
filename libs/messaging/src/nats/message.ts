import type { WireOciError } from '@longshore/oci';
import type { TraceCarrier } from '@longshore/telemetry';
import { decodeFrame, encodeFrame, MalformedFrameError } from '../wire/frame.ts';
import type { Packed } from '../wire/pack.ts';
import { unpack } from '../wire/unpack.ts';

/*
 * A question message is a frame whose text is a list, one item per question:       {"b": budget, "t": trace, "q": packed}
 * An answer message is a frame whose text is a list, each item names its question: [index, packed] or [index, 0, error]
 *
 * The answers to one question message may come in several answer messages. Index -1 stands for all questions.
 *
 * The budget is the rest of the deadline when the message leaves, in milliseconds. It is not a point in time, since the clocks of two hosts may
 * differ by more than a deadline.
 */

export interface Question {
  readonly packed: Packed;
  readonly trace: TraceCarrier | undefined;
  readonly budgetMs: number;
}

export interface ReceivedQuestion {
  readonly question: unknown;
  readonly trace: TraceCarrier | undefined;
  readonly budgetMs: number;
}

export interface Answer {
  readonly index: number;
  readonly content: Packed | WireOciError;
}

export interface ReceivedAnswer {
  readonly index: number;
  readonly value?: unknown;
  readonly error?: unknown;
}

export function encodeQuestions(questions: readonly Question[]): Uint8Array {
  const texts = questions.map(({ packed, trace, budgetMs }) => {
    const carried = trace === undefined ? '' : `"t":${JSON.stringify(trace)},`;
    return `{"b":${Math.ceil(budgetMs)},${carried}"q":${packed.text}}`;
  });
  return encodeFrame(
    `[${texts.join(',')}]`,
    questions.flatMap(({ packed }) => packed.attachments),
  );
}

/** @throws MalformedFrameError */
export function decodeQuestions(bytes: Uint8Array): ReceivedQuestion[] {
  const { content, attachments } = decodeFrame(bytes);
  const next = attachments.values();
  return list(content).map((item: unknown) => {
    if (typeof item !== 'object' || item === null || !('b' in item && 'q' in item)) {
      throw new MalformedFrameError('not a question');
    }
    const { b: budgetMs, q: packed } = item;
    if (typeof budgetMs !== 'number') throw new MalformedFrameError('a question has no deadline');
    const trace = 't' in item && isCarrier(item.t) ? item.t : undefined;
    return { question: unpack(packed, next), budgetMs, trace };
  });
}

export function encodeAnswers(answers: readonly Answer[]): Uint8Array {
  const attachments: Uint8Array[] = [];
  const texts = answers.map(({ index, content }) => {
    if (!('text' in content)) return `[${index},0,${JSON.stringify(content)}]`;
    attachments.push(...content.attachments);
    return `[${index},${content.text}]`;
  });
  return encodeFrame(`[${texts.join(',')}]`, attachments);
}

/** @throws MalformedFrameError */
export function decodeAnswers(bytes: Uint8Array): ReceivedAnswer[] {
  const { content, attachments } = decodeFrame(bytes);
  const next = attachments.values();
  return list(content).map((item: unknown) => {
    const [index, packed, error]: unknown[] = list(item);
    if (typeof index !== 'number') throw new MalformedFrameError('an answer to nothing');
    return packed === 0 ? { index, error } : { index, value: unpack(packed, next) };
  });
}

function list(content: unknown): unknown[] {
  if (!Array.isArray(content)) throw new MalformedFrameError('not a list');
  return content;
}

function isCarrier(value: unknown): value is TraceCarrier {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((field) => typeof field === 'string');
}
