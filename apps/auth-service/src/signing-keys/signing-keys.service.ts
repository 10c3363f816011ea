import {
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type CryptoKey,
} from 'jose';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
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
import { AuthSettings } from '../auth-settings.ts';
import { Seal } from '@longshore/authorization';

export interface Signer {
  readonly kid: string;
  readonly key: CryptoKey;
}

const day = 86_400;
/** Seconds until a new key is made. */
const keyLife = 90 * day;
/** Seconds that a new key is published before it signs: twice the time that verifiers keep a set without asking. */
const publishedBefore = 1200;
/** Milliseconds that a replica signs before it checks for other keys. */
const refreshAfter = 60_000;

/** The ES256 keys that sign tokens. All replicas share them in the database, with sealed private parts. */
@Injectable()
export class SigningKeysService implements OnApplicationBootstrap {
  readonly #seal: Seal | undefined;
  #signer: { readonly signer: Signer; readonly at: number } | undefined;
  #loading: Promise<Signer> | undefined;

  constructor(
    private readonly database: Database,
    private readonly settings: AuthSettings,
    private readonly log: ServiceLog,
  ) {
    this.#seal = settings.tokens && new Seal(settings.tokens.secret, 'signing keys');
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.settings.tokens !== undefined) await this.signer();
  }

  /** Returns the public keys of all tokens that may still be verified, newest first. Empty if no tokens are issued. */
  async publicKeys(): Promise<PublicKey[]> {
    if (this.settings.tokens === undefined) return [];
    const keys = await signingKeys(this.database.db);
    return keys.map(({ publicJwk }) => publicJwk).filter(isPublicKey);
  }

  /** Returns the key to sign with. A replica that has one continues while the database is down. */
  async signer(): Promise<Signer> {
    const known = this.#signer;
    if (known !== undefined && Date.now() - known.at < refreshAfter) return known.signer;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    try {
      return await this.#loading;
    } catch (error) {
      if (known === undefined) throw error;
      this.log.error(error, 'the signing keys could not be refreshed');
      return known.signer;
    }
  }

  async #load(): Promise<Signer> {
    const usable = await this.#usable();
    const signer = await this.#signerOf(usable);
    this.#signer = { signer, at: Date.now() };
    await this.#endOldKeys();
    return signer;
  }

  /** Returns the signing keys that our secret opens, newest first. Makes one if there is none. */
  async #usable(): Promise<readonly SigningKey[]> {
    const { db } = this.database;
    const newest = await ensureSigningKey(db, {
      generate: () => this.#generate(),
      maximumAgeSeconds: keyLife,
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

  async #signerOf(usable: readonly SigningKey[]): Promise<Signer> {
    const published =
      usable.find(({ createdAt }) => Date.now() - createdAt.getTime() > publishedBefore * 1000) ??
      usable.at(-1);
    const opened = published && this.#open(published);
    if (published === undefined || opened === undefined) throw new Error('no signing key can be used');
    return { kid: published.kid, key: await importPKCS8(opened.toString('utf8'), 'ES256') };
  }

  async #endOldKeys(): Promise<void> {
    const { db } = this.database;
    const { lifetime } = this.settings.tokens ?? { lifetime: 0 };
    const old = (await signingKeys(db)).filter(
      ({ createdAt, retiredAt }) =>
        retiredAt === undefined && Date.now() - createdAt.getTime() > (keyLife + day) * 1000,
    );
    await Promise.all(old.map(({ kid }) => retireSigningKey(db, kid)));
    await forgetSigningKeys(db, { retiredForSeconds: lifetime + day });
  }

  async #generate(): Promise<NewSigningKey> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(jwk);
    const sealed = this.#seal?.seal(Buffer.from(await exportPKCS8(privateKey)), kid);
    if (sealed === undefined) throw new Error('there is no secret to seal a signing key with');
    return { kid, publicJwk: { ...jwk, kid, alg: 'ES256', use: 'sig' }, privateKey: sealed };
  }

  #open({ kid, privateKey }: SigningKey): Buffer | undefined {
    return this.#seal?.open(privateKey, kid);
  }
}

const isPublicKey = (jwk: Readonly<Record<string, unknown>>): jwk is PublicKey & Record<string, unknown> =>
  typeof jwk['kty'] === 'string';
