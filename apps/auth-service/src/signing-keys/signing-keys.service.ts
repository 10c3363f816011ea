import { setTimeout as sleep } from 'node:timers/promises';
import {
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type CryptoKey,
} from 'jose';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  Database,
  ensureSigningKey,
  forgetSigningKeys,
  retireSigningKey,
  signingKeys,
  type NewSigningKey,
  type SigningKey,
} from '@longshore/metadata';
import type { PublicKey } from '@longshore/messaging';
import { ServiceLog } from '@longshore/service-kit';
import { Seal } from '@longshore/authorization';
import { AuthSettings } from '../auth-settings.ts';

export interface Signer {
  readonly kid: string;
  readonly algorithm: string;
  readonly key: CryptoKey;
}

const day = 86_400;
/** Milliseconds between looks at the keys. A key that was asked for exists after this, a revoked one signs for so long. */
const interval = 1000;
/** Milliseconds after which every replica has begun to sign with a new key. */
const takeOver = 60_000;
/** Milliseconds. */
const forgetEvery = 600_000;

/** The keys that sign tokens. All replicas share them in the database, with sealed private parts. */
@Injectable()
export class SigningKeysService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #seal: Seal | undefined;
  readonly #closed = new AbortController();
  #signer: Signer | undefined;
  #loading: Promise<Signer> | undefined;
  #loop: Promise<void> | undefined;
  #isFailing = false;
  #forgotAt = 0;

  constructor(
    private readonly database: Database,
    private readonly settings: AuthSettings,
    private readonly log: ServiceLog,
  ) {
    this.#seal = settings.tokens && new Seal(settings.tokens.secret, 'signing keys');
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.settings.tokens === undefined) return;
    await this.signer();
    this.#loop = this.#watch();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closed.abort();
    await this.#loop;
  }

  /** Returns the public keys of all tokens that may still be verified, newest first. Empty if no tokens are issued. */
  async publicKeys(): Promise<PublicKey[]> {
    if (this.settings.tokens === undefined) return [];
    const keys = await signingKeys(this.database.db);
    return keys.map(({ publicJwk }) => publicJwk).filter(isPublicKey);
  }

  /** Returns the key to sign with. A replica that has one continues while the database is down. */
  async signer(): Promise<Signer> {
    return this.#signer ?? this.#load();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      await sleep(interval, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  /** Logs the first failure of an outage. */
  async #look(): Promise<void> {
    try {
      await this.#load();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing)
        this.log.error(error, 'the signing keys cannot be read; the known one stays in use');
      this.#isFailing = true;
    }
  }

  #load(): Promise<Signer> {
    this.#loading ??= this.#loadNow().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #loadNow(): Promise<Signer> {
    const usable = await this.#usable();
    const signing = usable.find(({ signsFrom }) => signsFrom.getTime() <= Date.now()) ?? usable.at(-1);
    if (signing === undefined) throw new Error('no signing key can be used');
    const signer = signing.kid === this.#signer?.kid ? this.#signer : await this.#signerOf(signing);
    this.#signer = signer;
    await this.#endOldKeys(signing, usable);
    return signer;
  }

  /** Returns the signing keys that our secret opens, newest first. Makes one if there is none. */
  async #usable(): Promise<readonly SigningKey[]> {
    const { db } = this.database;
    const newest = await ensureSigningKey(db, {
      generate: () => this.#generate(),
      algorithm: this.settings.issuance.keyAlgorithm,
      maximumAgeSeconds: this.settings.issuance.keyLifetime,
    });
    if (this.#open(newest) === undefined) {
      // A retired key still verifies the tokens that it signed. Replicas with different secrets take turns here: each logs a warning, and there is no
      // outage.
      this.log.warn(
        'a signing key was sealed with another http.secret and signs no more; every replica must have the same secret',
        { kid: newest.kid },
      );
      await retireSigningKey(db, newest.kid);
      return this.#usable();
    }
    const keys = await signingKeys(db);
    return keys.filter((key) => key.retiredAt === undefined && this.#open(key) !== undefined);
  }

  async #signerOf(key: SigningKey): Promise<Signer> {
    const opened = this.#open(key);
    if (opened === undefined) throw new Error('the signing key cannot be opened');
    const algorithm = String(key.publicJwk['alg']);
    return { kid: key.kid, algorithm, key: await importPKCS8(opened.toString('utf8'), algorithm) };
  }

  /** Retires keys whose successor every replica uses, and forgets those whose last token has expired. */
  async #endOldKeys(signing: SigningKey, usable: readonly SigningKey[]): Promise<void> {
    const { db } = this.database;
    if (Date.now() - signing.signsFrom.getTime() < takeOver) return;
    const old = usable.filter(({ createdAt }) => createdAt < signing.createdAt);
    await Promise.all(old.map(({ kid }) => retireSigningKey(db, kid)));
    if (Date.now() - this.#forgotAt < forgetEvery) return;
    this.#forgotAt = Date.now();
    await forgetSigningKeys(db, { retiredForSeconds: this.settings.issuance.lifetime + day });
  }

  async #generate(): Promise<NewSigningKey> {
    const { keyAlgorithm: alg } = this.settings.issuance;
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(jwk);
    const sealed = this.#seal?.seal(Buffer.from(await exportPKCS8(privateKey)), kid);
    if (sealed === undefined) throw new Error('there is no secret to seal a signing key with');
    return { kid, publicJwk: { ...jwk, kid, alg, use: 'sig' }, privateKey: sealed };
  }

  #open({ kid, privateKey }: SigningKey): Buffer | undefined {
    return this.#seal?.open(privateKey, kid);
  }
}

const isPublicKey = (jwk: Readonly<Record<string, unknown>>): jwk is PublicKey & Record<string, unknown> =>
  typeof jwk['kty'] === 'string';
