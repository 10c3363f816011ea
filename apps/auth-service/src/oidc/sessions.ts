import { randomUUID } from 'node:crypto';
import type { Identity } from '@longshore/authorization';
import {
  Database,
  endLoginsOf,
  endProviderSession,
  endSession,
  personOfSource,
  sourceOf,
  type LoginOutcome,
  recordLogin,
  rotateSession,
  type Session,
  sessionsOf,
  sessionWithId,
  sessionWithSecret,
} from '@longshore/metadata';
import { nowInSeconds } from '../now-in-seconds.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { ProviderLogin } from './provider.ts';
import { SealedTokens } from './provider-tokens.ts';
import { AccessSecrets, hashOf, randomRefreshSecret, randomSecret } from './session-secrets.ts';

/** What a device gets, and keeps. */
export interface DeviceSecrets {
  /** Sent instead of a password, for `accessLife`. */
  readonly access: string;
  readonly refresh: string;
}

/** Returns the person of a session, who has shown one of its secrets. */
export function identityOf({ id, userName: subject, groups, claims }: Session): Identity {
  return { kind: 'user', subject, groups, claims, credential: { kind: 'access-token', id } };
}

/** The sessions of people who logged in at a provider. All replicas share them in the database. */
export class Sessions {
  readonly #database: Database;
  readonly #settings: OidcSettings;
  readonly #access: AccessSecrets;
  readonly tokens: SealedTokens;

  constructor(database: Database, settings: OidcSettings) {
    this.#database = database;
    this.#settings = settings;
    this.#access = new AccessSecrets(settings.secret);
    this.tokens = new SealedTokens(settings.secret);
  }

  /**
   * Records a login and begins the session of its browser.
   * @param state of the attempt, which counts once
   * @returns the outcome, and the secret for the cookie
   */
  async begin(
    login: ProviderLogin,
    { state, device }: { readonly state: string; readonly device: string },
  ): Promise<LoginOutcome & { readonly secret: string }> {
    const { deviceLife, sessionLife, refresh } = this.#settings;
    const [id, secret] = [randomUUID(), randomSecret()];
    const outcome = await recordLogin(this.#database.db, {
      person: login.person,
      userName: login.userName,
      login: {
        id,
        attempt: hashOf(state),
        providerSession: login.session,
        tokens: this.tokens.seal(login.tokens, id),
        isOffline: login.isOffline,
        isRenewable: login.tokens.refresh !== undefined,
        confirmSeconds: refresh,
        lifeSeconds: Math.max(deviceLife, sessionLife),
      },
      session: { id: randomUUID(), secretHash: hashOf(secret), device, lifeSeconds: sessionLife },
    });
    return { ...outcome, secret };
  }

  /** Returns the session of a browser's cookie. Undefined if it has ended. */
  async ofBrowser(secret: string | undefined): Promise<Session | undefined> {
    if (secret === undefined) return undefined;
    const { confirmation } = this.#settings;
    const session = await sessionWithSecret(this.#database.db, hashOf(secret), confirmation);
    return session?.kind === 'browser' ? session : undefined;
  }

  /** Returns the session whose access secret this is. Undefined if the secret has expired, or the session has ended. */
  async withAccess(secret: string): Promise<Session | undefined> {
    const id = this.#access.read(secret, nowInSeconds());
    return id === undefined ? undefined : sessionWithId(this.#database.db, id, this.#settings.confirmation);
  }

  /** Returns all sessions of the person whose session this is. */
  ofSamePerson({ userId }: Session): Promise<Session[]> {
    return sessionsOf(this.#database.db, userId, this.#settings.confirmation);
  }

  secretsOf(id: string, refresh: string): DeviceSecrets {
    return { access: this.#access.issue(id, nowInSeconds()), refresh };
  }

  /** Replaces the refresh secret of a device. Undefined if it is none, or the session has ended. */
  async rotate(
    refresh: string,
  ): Promise<{ readonly session: Session; readonly secrets: DeviceSecrets } | undefined> {
    const next = randomRefreshSecret();
    const rotation = await rotateSession(this.#database.db, hashOf(refresh), hashOf(next));
    if (rotation.kind !== 'rotated') return undefined;
    const session = await sessionWithId(this.#database.db, rotation.id, this.#settings.confirmation);
    return session && { session, secrets: this.secretsOf(session.id, next) };
  }

  async end(id: string): Promise<void> {
    await endSession(this.#database.db, id);
  }

  async endAllOf(userId: number): Promise<void> {
    await endLoginsOf(this.#database.db, userId);
  }

  /** Ends everything of the person, if there is one. */
  async endPerson(provider: string, externalId: string): Promise<void> {
    const person = await personOfSource(this.#database.db, sourceOf(provider), externalId);
    if (person !== undefined) await this.endAllOf(person.userId);
  }

  async endProviderSession(provider: string, session: string): Promise<void> {
    await endProviderSession(this.#database.db, provider, session);
  }
}
