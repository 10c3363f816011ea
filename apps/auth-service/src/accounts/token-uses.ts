import { type Database, recordTokenUses } from '@longshore/metadata';
import type { ServiceLog } from '@longshore/service-kit';

/** Milliseconds between writes. */
const interval = 60_000;

/** Collects the last use of each access token, and writes them in one statement a minute. A login never waits for it. */
export class TokenUses {
  readonly #database: Database;
  readonly #log: ServiceLog;
  #uses = new Map<string, Date>();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database, log: ServiceLog) {
    this.#database = database;
    this.#log = log;
  }

  /** @param id of the token */
  used(id: string): void {
    this.#uses.set(id, new Date());
    this.#flushLater();
  }

  /** Writes what was collected. Times that cannot be written are kept for the next time. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const uses = this.#uses;
    this.#uses = new Map();
    try {
      await recordTokenUses(this.#database.db, uses);
    } catch (error) {
      this.#log.error(error, 'the last uses of access tokens could not be recorded; tried again in a minute');
      for (const [id, at] of uses) if (!this.#uses.has(id)) this.#uses.set(id, at);
      this.#flushLater();
    }
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => void this.flush(), interval).unref();
  }
}
