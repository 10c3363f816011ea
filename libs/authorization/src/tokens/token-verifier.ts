import { compactVerify, decodeProtectedHeader, type CompactVerifyResult } from 'jose';
import { OciError, unavailable } from '@longshore/oci';
import type { Identity } from '../identity.ts';
import { VoidMarks } from '../marks/void-marks.ts';
import { maximumTokenLength } from '../parse-authorization.ts';
import type { WorkloadRules } from '../workloads/workload-rules.ts';
import { isSignatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts';
import { acceptAssertion } from './assertions.ts';
import { acceptClaims, leeway } from './claims.ts';
import type { KeySource } from './key-source.ts';
import { Keyring, type KnownKey } from './keyring.ts';
import { TokenCache, type VerifiedToken } from './token-cache.ts';

export interface TrustedIssuer {
  /** The exact value of `iss`. */
  readonly issuer: string;
  /** The value that `aud` must equal or contain: this deployment's own service name. */
  readonly audience: string;
  /** True for the registry's own token endpoint. */
  readonly own: boolean;
  /** `signingAlgorithms` for our own tokens. */
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly keys: KeySource;
  /** Present if the issuer is an identity provider: its tokens identify workloads and grant nothing themselves. */
  readonly workloads?: WorkloadRules;
}

export interface TokenVerifierOptions {
  readonly issuers: readonly TrustedIssuer[];
  /** Marks of credentials that became void. */
  readonly marks?: VoidMarks;
  /** Most verified tokens that are remembered. */
  readonly cacheSize?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

interface Issuer extends TrustedIssuer {
  readonly keyring: Keyring;
}

/**
 * Verifies bearer tokens locally. A token selects a trusted issuer by `iss` and one of its keys by `kid`, and nothing else: keys or addresses in its
 * header (`jwk`, `jku`, `x5u`) are ignored, and the algorithm must be one that both the issuer's settings and the key's own type allow. If no key has
 * its `kid`, certificates in its header (`x5c`) count if they lead to one that the issuer's configuration trusts. Verified tokens are remembered
 * until they expire, so repeated pulls verify no signature.
 */
export class TokenVerifier {
  readonly #issuers: ReadonlyMap<string, Issuer>;
  readonly #cache: TokenCache;
  readonly #pending = new Map<string, Promise<Identity>>();
  readonly #marks: VoidMarks;
  readonly #now: () => number;

  constructor({
    issuers,
    marks = new VoidMarks(),
    cacheSize = 10_000,
    now = Date.now,
  }: TokenVerifierOptions) {
    this.#issuers = new Map(
      issuers.map((issuer) => [issuer.issuer, { ...issuer, keyring: new Keyring(issuer.keys, now) }]),
    );
    if (this.#issuers.size !== issuers.length) throw new TypeError('two issuers have the same name');
    this.#cache = new TokenCache(cacheSize);
    this.#marks = marks;
    this.#now = now;
  }

  /** Tells whether a text, perhaps a password, names a trusted identity provider as its issuer. Whether it is valid, `verify` tells. */
  isAssertion(text: string): boolean {
    if (text.length > maximumTokenLength || !form.test(text)) return false;
    const iss = unverifiedPayload(text)?.['iss'];
    return typeof iss === 'string' && this.#issuers.get(iss)?.workloads !== undefined;
  }

  /** Returns the identity of a token that was verified before and is still valid. Undefined means that it must be verified. */
  known(token: string): Identity | undefined {
    return token.length > maximumTokenLength ? undefined : this.#lookUp(TokenCache.keyOf(token));
  }

  /**
   * Verifies a token. Concurrent calls with one token share one verification.
   * @throws OciError UNAUTHORIZED; UNAVAILABLE if its key is unknown and the issuer's keys are unavailable
   */
  async verify(token: string): Promise<Identity> {
    if (token.length > maximumTokenLength) throw refusal('too long');
    const key = TokenCache.keyOf(token);
    const known = this.#lookUp(key);
    if (known !== undefined) return known;
    const pending =
      this.#pending.get(key) ?? this.#verify(token, key).finally(() => this.#pending.delete(key));
    this.#pending.set(key, pending);
    return pending;
  }

  /** Fetches the keys of our own tokens again, because they have changed. The known ones stay if that fails. */
  refreshKeys(): void {
    for (const { own, keyring } of this.#issuers.values()) if (own) keyring.refresh();
  }

  #lookUp(key: string): Identity | undefined {
    const found = this.#cache.get(key, this.#now());
    if (found === undefined) return undefined;
    const keyring = this.#issuers.get(found.issuer)?.keyring;
    keyring?.refreshWhenOld();
    const admitted =
      keyring !== undefined && isStillTrusted(found, keyring)
        ? this.#marks.admitted(found.identity, found.facts)
        : undefined;
    if (admitted === undefined) this.#cache.delete(key);
    return admitted;
  }

  async #verify(token: string, cacheKey: string): Promise<Identity> {
    const announced = this.#announced(token);
    const { algorithm, issuer } = announced;
    const { key, ...proof } = await findKey(announced);
    if (!key.algorithms.includes(algorithm)) throw refusal('an algorithm that does not belong to the key');
    const { payload } = await checkSignature(token, key, algorithm);
    const claims = parseObject(payload) ?? {};
    const now = this.#now() / 1000;
    const accepted =
      issuer.workloads === undefined
        ? acceptClaims(claims, { ...issuer, now })
        : acceptAssertion(claims, { ...issuer, now }, issuer.workloads);
    if (typeof accepted === 'string') throw refusal(accepted);
    const facts = { ...accepted.facts, kid: proof.kid };
    const admitted = this.#marks.admitted(accepted.identity, facts);
    if (admitted === undefined) throw refusal('revoked');
    this.#cache.set(cacheKey, {
      identity: accepted.identity,
      facts,
      issuer: issuer.issuer,
      ...proof,
      until: Math.min((accepted.expiresAt + leeway) * 1000, proof.until ?? Number.POSITIVE_INFINITY),
    });
    return admitted;
  }

  /** Returns the token's unverified claims, which only select issuer and key. */
  #announced(token: string): Announced {
    const payload = payloadOf(token);
    const header = headerOf(token);
    const { kid, x5c, alg, typ } = header;
    if (typ !== undefined && !(typeof typ === 'string' && typ.toUpperCase() === 'JWT'))
      throw refusal('not an access token');
    const { iss } = payload;
    const issuer = typeof iss === 'string' ? this.#issuers.get(iss) : undefined;
    if (issuer === undefined) throw refusal('another issuer');
    if (!isSignatureAlgorithm(alg) || !issuer.algorithms.includes(alg))
      throw refusal('an algorithm that is not accepted');
    return { kid: keyId(kid, x5c), x5c, algorithm: alg, issuer };
  }
}

/** Unverified claims of a token. */
interface Announced {
  readonly kid: string | undefined;
  /** Certificates, not yet verified. */
  readonly x5c: unknown;
  readonly algorithm: SignatureAlgorithm;
  readonly issuer: Issuer;
}

/** Undefined for a token that identifies its key only by certificates. */
function keyId(kid: unknown, x5c: unknown): string | undefined {
  if (kid === undefined && x5c !== undefined) return undefined;
  if (typeof kid !== 'string' || kid === '') throw refusal('no key id');
  return kid;
}

/** A key, and the conditions under which its tokens stay valid. */
interface Found {
  readonly key: KnownKey;
  readonly kid?: string;
  readonly anchors?: string;
  readonly until?: number;
}

async function findKey({ issuer: { keyring }, kid, x5c }: Announced): Promise<Found> {
  try {
    const key = kid === undefined ? undefined : await keyring.find(kid);
    if (key !== undefined && kid !== undefined) return { key, kid };
    const chained = x5c === undefined ? undefined : await keyring.chained(x5c);
    if (chained !== undefined) return { key: chained, anchors: chained.anchors, until: chained.until };
  } catch (cause) {
    throw unavailable({ reason: 'the keys of the token issuer cannot be had' }, 5, { cause });
  }
  throw refusal('unknown key');
}

/** Tokens of a withdrawn key or certificate are refused. */
function isStillTrusted({ kid, anchors }: VerifiedToken, keyring: Keyring): boolean {
  return kid === undefined ? anchors === keyring.anchors : keyring.known(kid) !== undefined;
}

async function checkSignature(
  token: string,
  key: KnownKey,
  algorithm: SignatureAlgorithm,
): Promise<CompactVerifyResult> {
  try {
    return await compactVerify(token, await key.imported(algorithm), { algorithms: [algorithm] });
  } catch (cause) {
    throw new OciError('UNAUTHORIZED', { reason: 'the token is not valid: signature' }, { cause });
  }
}

const form = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

function payloadOf(token: string): Readonly<Record<string, unknown>> {
  // Checks for exactly two dots before it splits the text (CVE-2025-30204).
  if (!form.test(token)) throw refusal('malformed');
  const payload = unverifiedPayload(token);
  if (payload === undefined) throw refusal('malformed');
  return payload;
}

function unverifiedPayload(token: string): Readonly<Record<string, unknown>> | undefined {
  return parseObject(Buffer.from(token.slice(token.indexOf('.') + 1, token.lastIndexOf('.')), 'base64url'));
}

function headerOf(token: string): Readonly<Record<string, unknown>> {
  try {
    return { ...decodeProtectedHeader(token) };
  } catch (cause) {
    throw new OciError('UNAUTHORIZED', { reason: 'the token is not valid: malformed' }, { cause });
  }
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // The caller refuses the token.
  }
}

const refusal = (reason: string): OciError =>
  new OciError('UNAUTHORIZED', { reason: `the token is not valid: ${reason}` });
