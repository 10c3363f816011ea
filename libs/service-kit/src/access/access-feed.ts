import {
  type Mark,
  markKinds,
  type Rule,
  ruleOf,
  type StoredRule,
  VoidMarks,
} from '@longshore/authorization';
import { pause } from '../loop/pause.ts';

export interface AccessChanges {
  readonly version: string;
  readonly marks: readonly {
    readonly kind: string;
    readonly name: string;
    readonly before: number;
    readonly keeps?: string;
  }[];
  /** Changes with the set of signing keys. */
  readonly keys: string;
  /** The rules of the database, if the asker has others. */
  readonly rules?: { readonly version: string; readonly rules: readonly StoredRule[] };
  readonly next?: string;
}

/** Asks auth-service for the changes since a version, page by page. */
export type AskForChanges = (question: {
  readonly since?: string;
  readonly from?: string;
  readonly rules?: string;
}) => Promise<AccessChanges>;

export interface FeedListeners {
  /** Called when auth-service has other signing keys than in the answer before. */
  readonly keysChanged?: () => void;
  /** Called with all rules of the database, at the first answer and after each change. */
  readonly rulesChanged?: (rules: readonly Rule[]) => Promise<void>;
}

/** Milliseconds between two questions. A revocation reaches every door after twice this, including the answer. */
const interval = 500;
/** Milliseconds between questions before the first answer. */
const firstInterval = 100;
/** Milliseconds that a door waits for the first answer before it admits clients by what it can verify itself. */
const patience = 3000;

/**
 * Keeps what a door knows of void credentials up to date by asking auth-service twice a second. While auth-service is away the last state counts, and
 * its age grows.
 */
export class AccessFeed {
  readonly marks = new VoidMarks();
  readonly #ask: AskForChanges;
  readonly #listeners: FeedListeners;
  readonly #closed = new AbortController();
  readonly #startedAt = performance.now();
  #version: string | undefined;
  /** Version of the rules. */
  #rules: string | undefined;
  #keys: string | undefined;
  #answeredAt: number | undefined;
  #first: Promise<void> | undefined;
  #loop: Promise<void> | undefined;

  constructor(ask: AskForChanges, listeners: FeedListeners = {}) {
    this.#ask = ask;
    this.#listeners = listeners;
  }

  /** True once an answer has arrived. */
  get isReady(): boolean {
    return this.#answeredAt !== undefined;
  }

  /** Seconds since the last answer, or since the start without one. */
  get age(): number {
    return (performance.now() - (this.#answeredAt ?? this.#startedAt)) / 1000;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#loop;
  }

  /** Resolves with the first answer, or after three seconds without one: a door whose auth-service is away still serves tokens that it can verify. */
  first(): Promise<void> {
    this.#first ??= this.#untilReady();
    return this.#first;
  }

  /** Asks once. @throws the error of the question; the known state stays */
  async refresh(): Promise<void> {
    const first = await this.#page({ rules: this.#rules });
    const rules = first.rules?.version ?? this.#rules;
    let page = first;
    while (page.next !== undefined) page = await this.#page({ rules, from: page.next });
    if (first.rules !== undefined) await this.#take(first.rules);
    this.#version = first.version;
    if (this.#keys !== undefined && this.#keys !== first.keys) this.#listeners.keysChanged?.();
    this.#keys = first.keys;
    this.#answeredAt = performance.now();
  }

  async #page({ rules, from }: { rules: string | undefined; from?: string }): Promise<AccessChanges> {
    const page = await this.#ask({
      ...(this.#version !== undefined && { since: this.#version }),
      ...(rules !== undefined && { rules }),
      ...(from !== undefined && { from }),
    });
    this.marks.apply(page.marks.filter(isMark));
    return page;
  }

  async #take({ version, rules }: NonNullable<AccessChanges['rules']>): Promise<void> {
    await this.#listeners.rulesChanged?.(rules.map(ruleOf));
    this.#rules = version;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      await this.refresh().catch(() => {
        // The age says it, and the bus reports its outage. The next question comes soon.
      });
      await pause(this.isReady ? interval : firstInterval, signal);
    }
  }

  async #untilReady(): Promise<void> {
    const { signal } = this.#closed;
    const end = performance.now() + patience;
    while (!this.isReady && !signal.aborted && performance.now() < end) await pause(20, signal);
  }
}

/** A later version may mark more kinds. */
const isMark = (mark: AccessChanges['marks'][number]): mark is Mark =>
  markKinds.some((kind) => kind === mark.kind);
