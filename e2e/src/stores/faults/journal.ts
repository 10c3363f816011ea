import type { Answer } from '@longshore/testing';
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer that a client may get while a store has a fault, after which it tries again. */
export class Refused extends Error {}

/** Something that a registry never does, whatever its store does. */
export class Violation extends Error {}

const pauseMs = 500;
/** The drivers' deadline on progress, 30 s, and the budget of a call's retries, 20 s: they know by then what to answer. */
const longestWaitMs = 55_000;

/** What clients met while the store had its faults. */
export class Journal {
  /** Must stay empty. */
  readonly violations: string[] = [];
  #refusals = new Map<string, number>();
  #progress = 0;

  /** Grows with each image, upload and pull that came to its end. */
  get progress(): number {
    return this.#progress;
  }

  progressed(): void {
    this.#progress += 1;
  }

  /** How often clients were refused what, until now; counts anew from here. */
  refusals(): string {
    const refusals = JSON.stringify(Object.fromEntries(this.#refusals));
    this.#refusals = new Map();
    return refusals;
  }

  /**
   * An attempt, and another one after a pause as long as it is refused, or its connection breaks. Undefined when nobody waits for it any more,
   * or when it met a violation, which is in the journal then.
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

/** @throws Refused for what a store's fault may lead to, Violation for every other answer than the wanted ones */
export function expectAnswer(answer: Answer, request: string, ...wanted: readonly number[]): Answer {
  if (wanted.includes(answer.status)) return answer;
  if (answer.status >= 500 || answer.status === 429) throw new Refused(`${answer.status} to ${request}`);
  const said = answer.body.toString('utf8', 0, 300);
  throw new Violation(`${request} was answered ${answer.status}: ${said}`);
}

/** @throws Violation when a client has to wait longer than the store's faults explain */
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
