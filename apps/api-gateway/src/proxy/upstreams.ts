import { type Patience, patience as usual } from './patience.ts';

/** How long a replica that refused a connection is tried last. Milliseconds. */
const penalty = 1_000;

/** The addresses of blob-service in turn. One that just failed comes late, one that hangs (ReplicaPulse) comes last; none is ever left out. */
export class Upstreams {
  /** As the configuration has them. */
  readonly configured: readonly string[];
  readonly patience: Patience;
  #urls: readonly string[];
  #hosts: ReadonlyMap<string, string>;
  readonly #failedAt = new Map<string, number>();
  readonly #outSince = new Map<string, number>();
  #next = 0;

  constructor(urls: readonly string[], patience: Patience = usual) {
    this.configured = urls;
    this.patience = patience;
    this.#urls = urls;
    this.#hosts = new Map(urls.filter(isSecure).map((url) => [url, new URL(url).host]));
  }

  /**
   * Other addresses from now on: replicas come and go.
   * @param hosts of replicas that are found by another name than their certificate's: what to say in Host
   */
  replace(urls: readonly string[], hosts: ReadonlyMap<string, string> = new Map()): void {
    this.#urls = urls;
    this.#hosts = hosts;
    for (const known of [this.#failedAt, this.#outSince])
      for (const url of known.keys()) if (!urls.includes(url)) known.delete(url);
  }

  order(): readonly string[] {
    const start = this.#next++ % Math.max(this.#urls.length, 1);
    const turn = [...this.#urls.slice(start), ...this.#urls.slice(0, start)];
    const isResting = (url: string): boolean => Date.now() - (this.#failedAt.get(url) ?? 0) < penalty;
    const answering = turn.filter((url) => !this.isOut(url));
    return [
      ...answering.filter((url) => !isResting(url)),
      ...answering.filter(isResting),
      ...turn.filter((url) => this.isOut(url)),
    ];
  }

  /** The Host header for a replica behind TLS, by which its certificate is verified; without TLS the client's is passed on. */
  hostOf(url: string): string | undefined {
    return this.#hosts.get(url);
  }

  failed(url: string): void {
    this.#failedAt.set(url, Date.now());
  }

  /** @returns whether that is new */
  takeOut(url: string): boolean {
    if (this.isOut(url) || !this.#urls.includes(url)) return false;
    this.#outSince.set(url, performance.now());
    return true;
  }

  /** @returns whether that is new */
  putBack(url: string): boolean {
    return this.#outSince.delete(url);
  }

  out(): readonly string[] {
    return [...this.#outSince.keys()];
  }

  isOut(url: string): boolean {
    return this.#outSince.has(url);
  }

  /** It has been out for so long that nobody waits for it. */
  isGivenUp(url: string): boolean {
    const since = this.#outSince.get(url);
    return since !== undefined && performance.now() - since > this.patience.end;
  }

  /** Whether one other than this answers. */
  hasOther(url: string): boolean {
    return this.#urls.some((other) => other !== url && !this.isOut(other));
  }
}

export function isSecure(url: string): boolean {
  return url.startsWith('https:');
}
