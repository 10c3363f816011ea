import { describe, expect, it } from 'vitest';
import { MessageSeal, replayWindow } from './message-seal.ts';

const frame = Buffer.from('a password');
const route = { subject: 'auth.token', reply: '_INBOX_api-gateway.auth-service.x.1' };
const other = { ...route, reply: '_INBOX_api-gateway.auth-service.x.2' };
const seal = () => new MessageSeal('a secret');

describe('MessageSeal', () => {
  it('carries a question and its answers, and neither can be read', () => {
    const question = seal().seal(frame, route);
    expect(Buffer.from(question.message).includes(frame)).toBe(false);
    const opened = seal().open(question.message, route);
    if (opened.verdict !== 'authentic') throw new Error(opened.verdict);
    expect(Buffer.from(opened.frame)).toEqual(frame);
    const answer = opened.answers.seal(frame);
    expect(Buffer.from(answer).includes(frame)).toBe(false);
    expect(question.answers.open(answer)).toEqual(frame);
  });

  it('rejects a question with another secret, subject or reply, and one that was changed or cut', () => {
    const { message } = seal().seal(frame, route);
    const verdicts = [
      new MessageSeal('another').open(message, route),
      seal().open(message, other),
      seal().open(message, { ...route, subject: 'auth.authenticate' }),
    ];
    for (let at = 0; at < message.length; at++) {
      const changed = Buffer.from(message);
      changed[at] = (changed[at] ?? 0) ^ 1;
      verdicts.push(seal().open(changed, route), seal().open(message.subarray(0, at), route));
    }
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['unreadable']));
  });

  it('rejects the answer to another question, and a question in place of an answer', () => {
    const [one, two] = [seal().seal(frame, route), seal().seal(frame, route)];
    const sealed = one.answers.seal(frame);
    expect(one.answers.open(sealed)).toEqual(frame);
    expect(two.answers.open(sealed)).toBeUndefined();
    expect(one.answers.open(one.message)).toBeUndefined();
    expect(one.answers.open(one.message.subarray(41))).toBeUndefined();
    expect(one.answers.open(new Uint8Array())).toBeUndefined();
  });

  it('opens a question once, and none outside of the window', () => {
    const now = 1_700_000_000_000;
    const { message } = seal().seal(frame, route, now);
    const serving = seal();
    const at = (time: number) => serving.open(message, route, time).verdict;
    expect(at(now)).toBe('authentic');
    expect(at(now)).toBe('replayed');
    // Other questions arrive meanwhile. The oldest is forgotten only when it is stale.
    for (const later of [1, replayWindow]) {
      const next = serving.seal(frame, other, now + later).message;
      expect(serving.open(next, other, now + later).verdict).toBe('authentic');
      expect(at(now + later)).toBe('replayed');
    }
    const after = now + replayWindow + 1;
    expect(serving.open(serving.seal(frame, other, after).message, other, after).verdict).toBe('authentic');
    expect(at(after)).toBe('stale');
    expect(seal().open(message, route, now - replayWindow - 1).verdict).toBe('stale');
    expect(seal().open(message, route, now - replayWindow).verdict).toBe('authentic');
  });
});
