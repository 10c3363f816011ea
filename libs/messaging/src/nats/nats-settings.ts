import { readFileSync } from 'node:fs';
import { credsAuthenticator, type NodeConnectionOptions } from '@nats-io/transport-node';
import { backoff } from '@longshore/telemetry';
import { inboxPrefix } from './subjects.ts';

export interface NatsSettings {
  /** `host:port` or `nats://host:port`. Several for a cluster. */
  readonly servers: readonly string[];
  /** Defaults to `name` if there is a password and no user. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** Path of a credentials file (JWT and seed). */
  readonly credentials?: string | undefined;
  readonly tls?: { readonly ca?: string; readonly certificate?: string; readonly key?: string } | undefined;
  /** The service's name. The NATS server's monitoring shows it, and the subjects of its answers contain it. */
  readonly name: string;
  /** Bytes of the largest question or answer, for instance the limit on manifests. */
  readonly largestMessageBytes: number;
  /** Milliseconds that `start` tries to connect. Default 60,000. */
  readonly startDeadlineMs?: number | undefined;
}

/** Bytes of a message beside its largest attachment: names, digests, trace context. */
export const messageSlackBytes = 64 * 1024;

/** Milliseconds. */
export const maximumReconnectDelay = 5_000;

/** Returns the delay before the next attempt to connect: 0.1 s, doubled each time, at most 5 s. A random part spreads a fleet. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  const full = backoff(attempt + 1, { first: 100, longest: maximumReconnectDelay });
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
    // Credentials may be rotated, or an account restored, at run time, so keep trying.
    ignoreAuthErrorAbort: true,
    ...(password !== undefined && { user: user ?? name, pass: password }),
    ...(token !== undefined && { token }),
    // Read at each connection, since a renewed file replaces an expired one.
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
