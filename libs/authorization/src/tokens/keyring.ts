import type { X509Certificate } from 'node:crypto';
import { importJWK, type CryptoKey, type JWK } from 'jose';
import { algorithmsOf, type SignatureAlgorithm } from './algorithms.ts';
import { type VerifiedLeaf, verifyCertificateChain } from './certificate-chain.ts';
import { FetchBudget } from './fetch-budget.ts';
import { publicJwk } from './public-jwk.ts';
import type { KeySource } from './key-source.ts';

/** However many invented key ids come. */
const limit = { window: 30_000, fetches: 2 };
/** Milliseconds that the known keys may become old. */
const maximumAge = 600_000;
/** Most keys in a set. A larger set is a mistake or an attack on memory. */
const maximumKeys = 100;

export interface KnownKey {
  readonly algorithms: readonly SignatureAlgorithm[];
  /** Returns the key, imported for one algorithm. Rejects if the key is malformed. */
  imported(algorithm: SignatureAlgorithm): Promise<CryptoKey>;
}

/** A key that a chain of certificates authenticates. */
export interface ChainedKey extends KnownKey {
  /** The anchors of its chain; see Keyring.anchors. */
  readonly anchors: string;
  /** Milliseconds since 1970. Expiry of the chain's first certificate to expire. */
  readonly until: number;
}

/**
 * The keys of one issuer. An unknown id fetches them again, at most twice in 30 s however many such tokens come. Known keys continue to verify while
 * the source is unavailable. A key that the source no longer lists stops verifying once that was noticed, which takes ten minutes at most.
 */
export class Keyring {
  readonly #source: KeySource;
  readonly #now: () => number;
  readonly #budget: FetchBudget;
  #keys = new Map<string, KnownKey>();
  #anchors: readonly X509Certificate[] = [];
  #anchorsName = '';
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #asked = 0;
  #answered = 0;

  constructor(source: KeySource, now: () => number) {
    this.#source = source;
    this.#now = now;
    this.#budget = new FetchBudget(limit, now);
  }

  /** Returns a known key without asking the source. */
  known(kid: string): KnownKey | undefined {
    return this.#keys.get(kid);
  }

  /** Identifies a set of trusted certificates. */
  get anchors(): string {
    return this.#anchorsName;
  }

  /**
   * Returns the key of the first certificate in a token's header `x5c`. A chain without an anchor fetches the anchors again, like an unknown id.
   * @returns undefined if no chain leads to a trusted certificate, or if its key verifies no tokens
   * @throws the source's error if the source is unavailable
   */
  async chained(x5c: unknown): Promise<ChainedKey | undefined> {
    const leaf = this.#leaf(x5c);
    if (leaf === undefined) await this.#fetch();
    else this.refreshWhenOld();
    const verified = leaf ?? this.#leaf(x5c);
    const jwk = verified && publicJwk(verified.publicKey);
    if (verified === undefined || jwk === undefined) return undefined;
    return { ...usableKey(jwk), anchors: this.#anchorsName, until: verified.until };
  }

  /** @throws the source's error if the id is unknown and the source is unavailable */
  async find(kid: string): Promise<KnownKey | undefined> {
    const key = this.#keys.get(kid);
    if (key !== undefined) {
      this.refreshWhenOld();
      return key;
    }
    try {
      await this.#fetch();
    } catch (error) {
      // Older keys of the issuer may have come with the error.
      if (!this.#keys.has(kid)) throw error;
    }
    return this.#keys.get(kid);
  }

  /** Checks for changes in the background. After a failure, the next unknown id or the next window asks the source again. */
  refreshWhenOld(): void {
    if (this.#now() - this.#fetchedAt < maximumAge) return;
    this.#fetch().catch(() => {
      // The known keys stay: an unavailable source must not stop pulls.
    });
  }

  /** Fetches the keys in the background, because they are known to have changed. After a failure the next use of a key fetches them. */
  refresh(): void {
    this.#fetchedAt = Number.NEGATIVE_INFINITY;
    this.#load().catch(() => {
      // The known keys stay.
    });
  }

  #fetch(): Promise<void> {
    return this.#budget.spend(() => this.#load());
  }

  async #load(): Promise<void> {
    this.#asked += 1;
    const turn = this.#asked;
    const { keys, anchors = [], stale = false } = await this.#source.keys();
    // A later question was answered before.
    if (turn < this.#answered) return;
    this.#answered = turn;
    this.#keys = new Map(keys.slice(0, maximumKeys).flatMap(identified));
    this.#anchors = anchors.slice(0, maximumKeys);
    this.#anchorsName = this.#anchors.map(({ fingerprint256 }) => fingerprint256).join(' ');
    if (stale) throw new Error('the issuer cannot be asked for its keys');
    this.#fetchedAt = this.#now();
  }

  #leaf(x5c: unknown): VerifiedLeaf | undefined {
    return verifyCertificateChain(x5c, this.#anchors, this.#now());
  }
}

function identified(jwk: JWK): [string, KnownKey][] {
  const { kid } = jwk;
  const key = usableKey(jwk);
  return typeof kid !== 'string' || kid === '' || key.algorithms.length === 0 ? [] : [[kid, key]];
}

function usableKey(jwk: JWK): KnownKey {
  const ready = new Map<SignatureAlgorithm, Promise<CryptoKey>>();
  const imported = (algorithm: SignatureAlgorithm): Promise<CryptoKey> => {
    const known = ready.get(algorithm) ?? importPublic(jwk, algorithm);
    ready.set(algorithm, known);
    return known;
  };
  return { algorithms: algorithmsOf(jwk), imported };
}

/** Reads only the public members, so that a set that leaks private keys does not bring them into this process's key store. */
async function importPublic(
  { kty, crv, x, y, n, e }: JWK,
  algorithm: SignatureAlgorithm,
): Promise<CryptoKey> {
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => typeof value === 'string');
  const key = await importJWK(Object.fromEntries(members), algorithm);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key verifies no token');
  return key;
}
