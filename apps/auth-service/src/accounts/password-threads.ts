import { Worker } from 'node:worker_threads';
import { type OciError, unavailable } from '@longshore/oci';
import { FairQueue } from './fair-queue.ts';
import type { PasswordWork } from './sources/password-work.ts';
import { passwordThread, type Check, type Checked } from './password-thread.ts';

export interface PasswordQuestion {
  readonly password: string;
  readonly work: PasswordWork;
  /** The flows of the comparison in the fair queue; see FairQueue. */
  readonly flows: readonly string[];
}

interface Waiting extends PasswordQuestion {
  readonly resolve: (matches: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export interface PasswordThreadsOptions {
  /** Concurrent checks, each on its own thread. */
  readonly threads?: number;
  /** Most checks that wait for a thread. */
  readonly queue?: number;
}

/**
 * Compares passwords with bcrypt hashes on threads. One comparison keeps a processor busy for a tenth of a second or more, and on the event loop
 * every pull would wait for it. The queue is fair. When it is full, the flow with the most items loses its last one. So a flood of logins costs
 * bounded memory, and delays no other client.
 */
export class PasswordThreads {
  readonly #maximumThreads: number;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  readonly #queue: FairQueue<Waiting>;
  #closed = false;
  #lastId = 0;

  constructor({ threads = 2, queue = 64 }: PasswordThreadsOptions = {}) {
    this.#maximumThreads = threads;
    this.#queue = new FairQueue(queue);
  }

  /** @throws OciError UNAVAILABLE if too many checks are waiting */
  matches(question: PasswordQuestion): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw refusal('the service is shutting down');
      const waiting = { ...question, resolve, reject };
      this.#queue.push(waiting, question.flows)?.reject(refusal('too many logins at once'));
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const ended = refusal('the service is shutting down');
    for (const { reject } of [...this.#queue.clear(), ...this.#busy.values()]) reject(ended);
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #next(): void {
    const worker = this.#queue.size === 0 ? undefined : (this.#idle.pop() ?? this.#start());
    const waiting = worker && this.#queue.shift();
    if (worker === undefined || waiting === undefined) return;
    const check: Check = { id: ++this.#lastId, password: waiting.password, work: waiting.work };
    this.#busy.set(worker, waiting);
    worker.postMessage(check, []);
  }

  #start(): Worker | undefined {
    if (this.#closed || this.#busy.size >= this.#maximumThreads) return undefined;
    const worker = new Worker(passwordThread.file, passwordThread.options);
    // An idle thread must not keep the process alive.
    worker.unref();
    worker.on('message', ({ matches }: Checked) => {
      this.#busy.get(worker)?.resolve(matches);
      this.#busy.delete(worker);
      this.#idle.push(worker);
      this.#next();
    });
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', (code) => this.#lost(worker, new Error(`a password thread ended with ${code}`)));
    return worker;
  }

  #lost(worker: Worker, error: unknown): void {
    this.#busy.get(worker)?.reject(error);
    this.#busy.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#next();
  }
}

const refusal = (reason: string): OciError => unavailable({ reason }, 1);
