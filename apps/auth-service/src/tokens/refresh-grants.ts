import { randomUUID } from 'node:crypto';
import { beginRefreshFamily, Database, useRefreshToken } from '@longshore/metadata';
import { ServiceLog } from '@longshore/service-kit';
import { Injectable } from '@nestjs/common';
import { AuthSettings } from '../auth-settings.ts';
import { nowInSeconds } from '../now-in-seconds.ts';
import { type RefreshClaims, RefreshTokens } from './refresh-tokens.ts';

/** Seconds for which a client that lost the answer gets it again. */
const grace = 30;

export interface NewRefreshGrant {
  readonly subject: string;
  /** Fingerprint of the password. */
  readonly account: string;
  /** Id of the credential of the login. */
  readonly gotWith?: string | undefined;
  readonly rotates: boolean;
}

/**
 * Refresh tokens and their families. Rotation is for clients that ask for it: docker, podman and containerd keep the first token for its whole life, and send it
 * from several processes at once (ADR 0027).
 */
@Injectable()
export class RefreshGrants {
  readonly #tokens: RefreshTokens | undefined;

  constructor(
    private readonly database: Database,
    private readonly settings: AuthSettings,
    private readonly log: ServiceLog,
  ) {
    const { tokens } = settings;
    this.#tokens = tokens && new RefreshTokens(tokens.secret);
  }

  /** @returns a refresh token @throws OciError UNAVAILABLE: without one, docker would store the password */
  async begin({ subject, account, gotWith, rotates }: NewRefreshGrant): Promise<string> {
    const { refreshLifetime: lifetimeSeconds, service } = this.settings.issuance;
    const family = randomUUID();
    await beginRefreshFamily(this.database.db, { id: family, subject, gotWith, rotates, lifetimeSeconds });
    const until = nowInSeconds() + lifetimeSeconds;
    return this.#issue({ subject, service, account, family, generation: 0, until });
  }

  /** Returns what a token says, without a look at its family. Undefined if it is not ours, has expired, or is for another service. */
  read(token: string): RefreshClaims | undefined {
    const claims = this.#tokens?.read(token, nowInSeconds());
    return claims?.service === this.settings.issuance.service ? claims : undefined;
  }

  /**
   * Uses a token that was read.
   * @returns the token that the client has from now on: the same one if its family does not rotate. Undefined if the family has ended
   * @throws OciError UNAVAILABLE
   */
  async use(token: string, claims: RefreshClaims): Promise<string | undefined> {
    const { family, generation = 0, subject } = claims;
    // Version 0.1 issued tokens without a family. They end with their password or their time.
    if (family === undefined) return token;
    const used = await useRefreshToken(this.database.db, { id: family, generation, graceSeconds: grace });
    if (used.kind === 'reused')
      this.log.warn('a refresh token was used again after it had been replaced: its login is ended', {
        subject,
        family,
      });
    if (used.kind !== 'valid') return undefined;
    return used.generation === generation ? token : this.#issue({ ...claims, generation: used.generation });
  }

  #issue(claims: RefreshClaims): string {
    if (this.#tokens === undefined) throw new Error('this registry issues no tokens');
    return this.#tokens.issue(claims);
  }
}
