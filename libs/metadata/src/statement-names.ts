import { createHash } from 'node:crypto';

/**
 * Names for prepared statements, the same on every connection and replica. The number is bounded: a text beyond the limit gets no name and is planned
 * each time. So a query with a different text per call cannot fill the server's memory.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size >= this.#limit) return undefined;
    const name = `longshore_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    this.#names.set(text, name);
    return name;
  }
}
