import type { X509Certificate } from 'node:crypto';
import { importJWK, type CryptoKey, type JWK } from 'jose';
import { algorithmsOf, type SignatureAlgorithm } from './algorithms.ts';
import { type VerifiedLeaf, verifyCertificateChain } from './certificate-chain.ts';
import { publicJwk } from './public-jwk.ts';
import type { KeySource } from './key-source.ts';

/** Milliseconds. Limits how often unknown key ids are looked up at the source, and how old the known keys may become. */
const window = 30_000;
const fetchesPerWindow = 2;
const maximumAge = 600_000;
/** Milliseconds until the source is asked again after a failure. */
const pauseAfterFailure = 1000;
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
  #keys = new Map<string, KnownKey>();
  #anchors: readonly X509Certificate[] = [];
  #anchorsName = '';
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #fetches: number[] = [];
  #failure: { readonly at: number; readonly error: unknown } | undefined;
  #fetching: Promise<void> | undefined;

  constructor(source: KeySource, now: () => number) {
    this.#source = source;
    this.#now = now;
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
    if (key === undefined) {
      await this.#fetch();
      return this.#keys.get(kid);
    }
    this.refreshWhenOld();
    return key;
  }

  /** Checks for changes in the background. After a failure, the next unknown id or the next window asks the source again. */
  refreshWhenOld(): void {
    if (this.#now() - this.#fetchedAt < maximumAge) return;
    this.#fetch().catch(() => {
      // The known keys stay: an unavailable source must not stop pulls.
    });
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** A failure does not use up the window; otherwise a registry that starts before its issuer would refuse tokens for the whole window. */
  async #fetchNow(): Promise<void> {
    const now = this.#now();
    if (this.#failure !== undefined && now - this.#failure.at < pauseAfterFailure) throw this.#failure.error;
    this.#fetches = this.#fetches.filter((at) => now - at < window);
    if (this.#fetches.length >= fetchesPerWindow) return;
    try {
      await this.#load();
      this.#fetches.push(now);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { at: now, error };
      throw error;
    }
  }

  async #load(): Promise<void> {
    const { keys, anchors = [] } = await this.#source.keys();
    this.#keys = new Map(keys.slice(0, maximumKeys).flatMap(identified));
    this.#anchors = anchors.slice(0, maximumKeys);
    this.#anchorsName = this.#anchors.map(({ fingerprint256 }) => fingerprint256).join(' ');
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
