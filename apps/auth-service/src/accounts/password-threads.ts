import { Worker } from 'node:worker_threads';
import { type OciError, unavailable } from '@longshore/oci';
import type { Standing } from './login-limits.ts';
import { passwordThread, type Check, type Checked } from './password-thread.ts';
import type { PasswordWork } from './sources/password-work.ts';
import { type LaneOptions, WorkLanes } from './work-lanes.ts';

export interface PasswordQuestion {
  readonly password: string;
  readonly work: PasswordWork;
  readonly standing: Standing;
  /** The flows of the comparison in the fair queue; see FairQueue. */
  readonly flows: readonly string[];
  /** Called when its turn has come. What it throws rejects the question. */
  readonly check?: () => void;
}

export interface PasswordAnswer {
  readonly matches: boolean;
  /** CPU time of the comparison. Milliseconds. */
  readonly worked: number;
}

interface Waiting extends PasswordQuestion {
  readonly resolve: (answer: PasswordAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export interface PasswordThreadsOptions extends LaneOptions {
  /** Concurrent checks, each on its own thread. */
  readonly threads?: number;
  /** Most checks of each standing that wait for a thread. */
  readonly queue?: number;
}

/**
 * Compares passwords with bcrypt hashes on threads. One comparison keeps a processor busy for a tenth of a second or more, and on the event loop
 * every pull would wait for it. The queue is fair. When it is full, the flow with the most items loses its last one. Wrong passwords of clients
 * that are not known take a bounded share of a core (WorkLanes). So a flood of logins costs bounded memory and time, and delays no other client.
 */
export class PasswordThreads {
  readonly #maximumThreads: number;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  readonly #lanes: WorkLanes<Waiting>;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #lastId = 0;

  constructor({ threads = 2, queue = 64, ...lanes }: PasswordThreadsOptions = {}) {
    this.#maximumThreads = threads;
    this.#lanes = new WorkLanes(queue, lanes);
  }

  /** @throws OciError UNAVAILABLE if too many checks are waiting */
  compare(question: PasswordQuestion): Promise<PasswordAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw refusal('the service is shutting down');
      const waiting = { ...question, resolve, reject };
      this.#lanes.push(waiting, question)?.reject(refusal('too many logins at once'));
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const ended = refusal('the service is shutting down');
    for (const { reject } of [...this.#lanes.clear(), ...this.#busy.values()]) reject(ended);
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #next(): void {
    const isFree = this.#idle.length > 0 || this.#busy.size < this.#maximumThreads;
    if (this.#closed || !isFree) return;
    const waiting = this.#admitted();
    if (waiting === undefined) {
      this.#nextLater();
      return;
    }
    const worker = this.#idle.pop() ?? this.#start();
    const check: Check = { id: ++this.#lastId, password: waiting.password, work: waiting.work };
    this.#busy.set(worker, waiting);
    worker.postMessage(check, []);
  }

  /** Takes the next question that is still admitted out of the queue. */
  #admitted(): Waiting | undefined {
    for (let waiting = this.#lanes.shift(); waiting !== undefined; waiting = this.#lanes.shift()) {
      try {
        waiting.check?.();
        return waiting;
      } catch (error) {
        waiting.reject(error);
      }
    }
    return undefined;
  }

  /** Goes on when a lane that has used up its time may work again. */
  #nextLater(): void {
    clearTimeout(this.#timer);
    const { wait } = this.#lanes;
    if (wait !== undefined) this.#timer = setTimeout(() => this.#next(), wait);
  }

  #start(): Worker {
    const worker = new Worker(passwordThread.file, passwordThread.options);
    // An idle thread must not keep the process alive.
    worker.unref();
    worker.on('message', ({ matches, worked }: Checked) => {
      const checked = this.#busy.get(worker);
      this.#busy.delete(worker);
      if (checked !== undefined && !matches) this.#lanes.worked(checked.standing, worked);
      checked?.resolve({ matches, worked });
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
