import { type Patience, patience as usual } from './patience.ts';

/** Milliseconds that a replica that refused a connection is tried last. */
const penalty = 1_000;

/** The addresses of blob-service in rotation. One that just failed comes late, one that hangs (ReplicaPulse) comes last. None is ever omitted. */
export class Upstreams {
  /** The addresses in the configuration. */
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
   * Replaces the addresses: replicas come and go.
   * @param hosts the Host header for replicas whose address differs from their certificate's name
   */
  replace(urls: readonly string[], hosts: ReadonlyMap<string, string>): void {
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

  /** Returns the Host header for a replica behind TLS, which its certificate must match. Without TLS the client's header is forwarded. */
  hostOf(url: string): string | undefined {
    return this.#hosts.get(url);
  }

  failed(url: string): void {
    this.#failedAt.set(url, Date.now());
  }

  /** @returns true if the state changed */
  takeOut(url: string): boolean {
    if (this.isOut(url) || !this.#urls.includes(url)) return false;
    this.#outSince.set(url, performance.now());
    return true;
  }

  /** @returns true if the state changed */
  putBack(url: string): boolean {
    return this.#outSince.delete(url);
  }

  out(): readonly string[] {
    return [...this.#outSince.keys()];
  }

  isOut(url: string): boolean {
    return this.#outSince.has(url);
  }

  /** Tells whether the replica has been out for so long that no request waits for it. */
  isGivenUp(url: string): boolean {
    const since = this.#outSince.get(url);
    return since !== undefined && performance.now() - since > this.patience.end;
  }

  /** Tells whether another replica answers. */
  hasOther(url: string): boolean {
    return this.#urls.some((other) => other !== url && !this.isOut(other));
  }
}

export function isSecure(url: string): boolean {
  return url.startsWith('https:');
}
