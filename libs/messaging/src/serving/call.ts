import type { ServeContext } from '../bus.ts';

/** One question on the server's side. Creates the signal and its timer only for handlers that use them: most look-ups end before either matters. */
export class Call implements ServeContext {
  readonly #endsAt: number;
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #cancelled = false;
  #reason: unknown;
  #ended: ((outcome: string) => void) | undefined;
  /** `ok`, or the code of the refusal. Set it when the handler has ended: one that never runs is unavailable. */
  outcome = 'UNAVAILABLE';

  /**
   * @param budgetMs the rest of the asker's deadline
   * @param ended called once with the outcome, when the handler has ended or will never run
   */
  constructor(budgetMs: number, ended: (outcome: string) => void) {
    this.#endsAt = performance.now() + budgetMs;
    this.#ended = ended;
  }

  /** True if the asker no longer waits for the answer. */
  get over(): boolean {
    return this.#cancelled || performance.now() >= this.#endsAt;
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    this.#controller = new AbortController();
    if (this.#cancelled) this.#controller.abort(this.#reason);
    else
      this.#timer = setTimeout(() => this.cancel(deadlineOver()), this.#endsAt - performance.now()).unref();
    return this.#controller.signal;
  }

  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#reason = reason;
    clearTimeout(this.#timer);
    this.#controller?.abort(reason);
  }

  /** Records that the handler has ended, or will never run. */
  end(): void {
    clearTimeout(this.#timer);
    this.#ended?.(this.outcome);
    this.#ended = undefined;
  }
}

export function deadlineOver(): DOMException {
  return new DOMException('the deadline is over', 'TimeoutError');
}
