import type { Answer } from '@longshore/testing';
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer that a client may get during a fault of the store, and after which it retries. */
export class Refused extends Error {}

/** A behaviour that a registry must never show, whatever its store does. */
export class Violation extends Error {}

const pauseMs = 500;
/** Milliseconds. The drivers' deadline on progress, 30 s, and the retry budget of a call, 20 s: by then they have an answer. */
const longestWaitMs = 55_000;

/** The experience of clients during the faults. */
export class Journal {
  /** Must stay empty. */
  readonly violations: string[] = [];
  #refusals = new Map<string, number>();
  #progress = 0;

  /** Counts completed images, uploads and pulls. */
  get progress(): number {
    return this.#progress;
  }

  progressed(): void {
    this.#progress += 1;
  }

  /** Describes the refusals so far by kind, and restarts the count. */
  refusals(): string {
    const refusals = JSON.stringify(Object.fromEntries(this.#refusals));
    this.#refusals = new Map();
    return refusals;
  }

  /**
   * Repeats an attempt after a pause while it is refused, or while its connection breaks. Undefined if it was given up, or after a violation, which
   * the journal then contains.
   */
  async patiently<T>(attempt: () => Promise<T>, given: () => boolean = () => false): Promise<T | undefined> {
    while (!given()) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof Violation) {
          this.violations.push(error.message);
          return undefined;
        }
        const what = error instanceof Refused ? error.message : `broken: ${codeOf(error)}`;
        this.#refusals.set(what, (this.#refusals.get(what) ?? 0) + 1);
      }
      await sleep(pauseMs);
    }
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** @throws Refused for an answer that a store's fault may cause, Violation for every other unwanted answer */
export function expectAnswer(answer: Answer, request: string, ...wanted: readonly number[]): Answer {
  if (wanted.includes(answer.status)) return answer;
  if (answer.status >= 500 || answer.status === 429) throw new Refused(`${answer.status} to ${request}`);
  const said = answer.body.toString('utf8', 0, 300);
  throw new Violation(`${request} was answered ${answer.status}: ${said}`);
}

/** @throws Violation if a client waits longer than the store's faults explain */
export async function inTime<T>(request: string, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Violation(`${request} took more than ${longestWaitMs / 1000} s`)),
    longestWaitMs,
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
