/** How long a replica that refused a connection is tried last. Milliseconds. */
const penalty = 1_000;

/** The addresses of blob-service in turn; one that just failed comes last, and is never left out. */
export class Upstreams {
  /** As the configuration has them. */
  readonly configured: readonly string[];
  #urls: readonly string[];
  readonly #failedAt = new Map<string, number>();
  #next = 0;

  constructor(urls: readonly string[]) {
    this.configured = urls;
    this.#urls = urls;
  }

  /** Other addresses from now on: replicas come and go. */
  replace(urls: readonly string[]): void {
    this.#urls = urls;
    for (const url of this.#failedAt.keys()) if (!urls.includes(url)) this.#failedAt.delete(url);
  }

  order(): readonly string[] {
    const start = this.#next++ % Math.max(this.#urls.length, 1);
    const turn = [...this.#urls.slice(start), ...this.#urls.slice(0, start)];
    const resting = (url: string): boolean => Date.now() - (this.#failedAt.get(url) ?? 0) < penalty;
    return [...turn.filter((url) => !resting(url)), ...turn.filter(resting)];
  }

  failed(url: string): void {
    this.#failedAt.set(url, Date.now());
  }
}
