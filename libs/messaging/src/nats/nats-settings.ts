import { readFileSync } from 'node:fs';
import { credsAuthenticator, type NodeConnectionOptions } from '@nats-io/transport-node';
import { inboxPrefix } from './subjects.ts';

export interface NatsSettings {
  /** `host:port` or `nats://host:port`, several for a cluster. */
  readonly servers: readonly string[];
  /** With a password and no user, the user is `name`. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** Path of a credentials file (JWT and seed). */
  readonly credentials?: string | undefined;
  readonly tls?: { readonly ca?: string; readonly certificate?: string; readonly key?: string } | undefined;
  /** The service: shown by the NATS server's monitoring, and part of the subjects where its answers arrive. */
  readonly name: string;
  /** The largest question or answer we will send, for instance the limit on manifests. Bytes. */
  readonly largestMessageBytes: number;
  /** How long `start` tries before it gives up. Default 60 s. */
  readonly startDeadlineMs?: number | undefined;
}

/** What a message carries beside its largest attachment: names, digests, trace context. */
export const messageSlackBytes = 64 * 1024;

/** Milliseconds. */
export const maximumReconnectDelay = 5_000;

/** The delay before the next attempt to connect: 0.1 s, doubled, at most 5 s, and a random part so that a fleet spreads. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(maximumReconnectDelay, 100 * 2 ** Math.min(attempt, 10));
  return full / 2 + (random() * full) / 2;
}

export function connectionOptions(settings: NatsSettings): NodeConnectionOptions {
  const { servers, user, password, token, credentials, tls, name } = settings;
  return {
    servers: [...servers],
    name,
    inboxPrefix: inboxPrefix(name),
    timeout: 5_000,
    pingInterval: 20_000,
    maxPingOut: 3,
    maxReconnectAttempts: -1,
    // Credentials may be rotated, or an account restored, while we run: keep trying.
    ignoreAuthErrorAbort: true,
    ...(password !== undefined && { user: user ?? name, pass: password }),
    ...(token !== undefined && { token }),
    // Read for each connection, since a renewed file replaces an expired one.
    ...(credentials !== undefined && { authenticator: credsAuthenticator(() => readFileSync(credentials)) }),
    ...(tls !== undefined && {
      tls: {
        ...(tls.ca !== undefined && { caFile: tls.ca }),
        ...(tls.certificate !== undefined && { certFile: tls.certificate }),
        ...(tls.key !== undefined && { keyFile: tls.key }),
      },
    }),
  };
}
