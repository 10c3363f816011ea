import type { X509Certificate } from 'node:crypto';
import { importJWK, type CryptoKey, type JWK } from 'jose';
import { algorithmsOf, type SignatureAlgorithm } from './algorithms.ts';
import { type VerifiedLeaf, verifyCertificateChain } from './certificate-chain.ts';
import { publicJwk } from './public-jwk.ts';
import type { KeySource } from './key-source.ts';

/** How often unknown key ids may send us to the source, and how old what we know may become. Milliseconds. */
const window = 30_000;
const fetchesPerWindow = 2;
const maximumAge = 600_000;
/** How soon after a failure the source is asked again. Milliseconds. */
const pauseAfterFailure = 1000;
/** A set with more keys is a mistake or an attack on memory. */
const maximumKeys = 100;

export interface KnownKey {
  readonly algorithms: readonly SignatureAlgorithm[];
  /** The key made ready for one algorithm. Rejects when the key is malformed. */
  imported(algorithm: SignatureAlgorithm): Promise<CryptoKey>;
}

/** A key that a chain of certificates vouches for. */
export interface ChainedKey extends KnownKey {
  /** The anchors that it was found with; see Keyring.anchors. */
  readonly anchors: string;
  /** When the first certificate of the chain expires. Milliseconds since 1970. */
  readonly until: number;
}

/**
 * The keys of one issuer. An unknown id fetches them again, at most twice in 30 s however many such tokens come; keys that are known
 * go on verifying when the source is away. What the source no longer names verifies no more once that has been seen, which takes
 * ten minutes at most.
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

  /** What is known without asking. */
  known(kid: string): KnownKey | undefined {
    return this.#keys.get(kid);
  }

  /** Tells one set of trusted certificates from another. */
  get anchors(): string {
    return this.#anchorsName;
  }

  /**
   * The key of the first certificate in a token's header `x5c`. A chain that leads nowhere makes us look for new anchors, like an unknown id.
   * @returns undefined when no chain leads to a trusted certificate, or its key verifies no tokens
   * @throws the source's error when the source cannot be asked
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

  /** @throws the source's error when the id is unknown and the source cannot be asked */
  async find(kid: string): Promise<KnownKey | undefined> {
    const key = this.#keys.get(kid);
    if (key === undefined) {
      await this.#fetch();
      return this.#keys.get(kid);
    }
    this.refreshWhenOld();
    return key;
  }

  /** Looks for changes in the background. A source that is away is asked again by the next unknown id or after the next window. */
  refreshWhenOld(): void {
    if (this.#now() - this.#fetchedAt < maximumAge) return;
    this.#fetch().catch(() => {
      // The known keys stay: a source that is away must not stop pulls.
    });
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** Failures do not use up the window, or a registry that starts before its issuer would stay closed for all of it. */
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

/** Only the public members are read, so a set that leaks private keys does not bring them into this process's key store. */
async function importPublic(
  { kty, crv, x, y, n, e }: JWK,
  algorithm: SignatureAlgorithm,
): Promise<CryptoKey> {
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => typeof value === 'string');
  const key = await importJWK(Object.fromEntries(members), algorithm);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key verifies no token');
  return key;
}
