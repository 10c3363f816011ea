import { type Patience, patience as usual } from './replica-deadlines.ts';

/** Milliseconds that a replica that refused a connection is tried last. */
const penalty = 1_000;

/** One address of blob-service. */
export interface Replica {
  readonly origin: string;
  /** The Host header for a replica behind TLS, which its certificate must match. Without TLS the client's header is forwarded. */
  readonly host: string | undefined;
}

/** The addresses of blob-service in rotation. One that just failed comes late, one that hangs (ReplicaPulse) comes last. None is ever omitted. */
export class Upstreams {
  /** The addresses in the configuration. */
  readonly configured: readonly string[];
  readonly patience: Patience;
  #replicas: readonly Replica[];
  readonly #failedAt = new Map<string, number>();
  readonly #outSince = new Map<string, number>();
  #next = 0;

  constructor(urls: readonly string[], patience: Patience = usual) {
    this.configured = urls;
    this.patience = patience;
    this.#replicas = urls.map((url) => ({ origin: url, host: hostFor(url) }));
  }

  /** Replaces the addresses: replicas come and go. A request that is under way continues with the order that it has. */
  replace(replicas: readonly Replica[]): void {
    this.#replicas = replicas;
    for (const known of [this.#failedAt, this.#outSince])
      for (const origin of known.keys()) if (!this.#has(origin)) known.delete(origin);
  }

  order(): readonly Replica[] {
    const start = this.#next++ % Math.max(this.#replicas.length, 1);
    const turn = [...this.#replicas.slice(start), ...this.#replicas.slice(0, start)];
    const isResting = ({ origin }: Replica): boolean =>
      Date.now() - (this.#failedAt.get(origin) ?? 0) < penalty;
    const answering = turn.filter(({ origin }) => !this.isOut(origin));
    return [
      ...answering.filter((replica) => !isResting(replica)),
      ...answering.filter(isResting),
      ...turn.filter(({ origin }) => this.isOut(origin)),
    ];
  }

  failed(origin: string): void {
    this.#failedAt.set(origin, Date.now());
  }

  /** @returns true if the state changed */
  takeOut(origin: string): boolean {
    if (this.isOut(origin) || !this.#has(origin)) return false;
    this.#outSince.set(origin, performance.now());
    return true;
  }

  /** @returns true if the state changed */
  putBack(origin: string): boolean {
    return this.#outSince.delete(origin);
  }

  out(): readonly Replica[] {
    return this.#replicas.filter(({ origin }) => this.isOut(origin));
  }

  isOut(origin: string): boolean {
    return this.#outSince.has(origin);
  }

  /** Tells whether the replica has been out for so long that no request waits for it. */
  isGivenUp(origin: string): boolean {
    const since = this.#outSince.get(origin);
    return since !== undefined && performance.now() - since > this.patience.end;
  }

  /** Tells whether another replica answers. */
  hasOther(than: string): boolean {
    return this.#replicas.some(({ origin }) => origin !== than && !this.isOut(origin));
  }

  #has(sought: string): boolean {
    return this.#replicas.some(({ origin }) => origin === sought);
  }
}

/** Returns the Host header for the replicas behind a configured URL. */
export function hostFor(url: string): string | undefined {
  return url.startsWith('https:') ? new URL(url).host : undefined;
}
