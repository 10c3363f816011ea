import { type BusService, busServices } from '../bus-services.ts';
import { permissionsOf } from './permissions.ts';

export interface ServerConfigurationOptions {
  /** A file beside the configuration that sets the passwords. Without it the environment sets them. */
  readonly passwordFile?: string;
  /** False for a NATS older than 2.10, which does not know `sync_interval`. Default true. */
  readonly syncs?: boolean;
}

/** Returns the variable of the server's configuration that holds a service's password. */
export function passwordVariable(service: BusService): string {
  return `NATS_${service.toUpperCase().replaceAll('-', '_')}_PASSWORD`;
}

/** Sets a variable of the configuration to a password. Quoted, since NATS would read a password of digits as a number. */
export function passwordSetting(password: string): string {
  return JSON.stringify(password);
}

/**
 * Returns the configuration of a nats-server for Longshore: limits, durability, and one user per service with the subjects that it needs. Contains no
 * secret: the passwords are variables (`passwordVariable`).
 */
export function serverConfiguration({ passwordFile, syncs = true }: ServerConfigurationOptions = {}): string {
  return `# NATS for Longshore, written from libs/messaging/src/contracts. The passwords are variables, set by ${passwordFile ?? 'the environment'}.
${passwordFile === undefined ? '' : `include '${passwordFile}'\n`}listen: "0.0.0.0:4222"

# A manifest crosses the bus whole. Services compare this with the limit on manifests (4 MiB) when they start, and refuse to
# start when it is too small; NATS's own default is 1 MB.
max_payload: 8MB

jetstream {
${syncs ? synchronous : ''}  max_memory_store: 64MB
  max_file_store: 2GB
}

# A rolling restart: clients are asked to move elsewhere before the connections end.
lame_duck_grace_period: "2s"
lame_duck_duration: "30s"

# No websocket, mqtt or leafnode listener is opened: add only what you use, and not to the outside.

# Each service has a user of its own. A connection without one is refused, and so is each subject that is not listed.
authorization {
  timeout: 5
  users: [
${busServices.map(userOf).join('\n')}
  ]
}
`;
}

const synchronous = `  # Acknowledged means on disk. The default flushes every two minutes, and a power cut loses what was acknowledged since.
  # Nothing is lost for ever (the outbox in Postgres is the truth), but what was lost is late.
  sync_interval: always
`;

function userOf(service: BusService): string {
  const { publish, subscribe } = permissionsOf(service);
  return `    {
      user: ${service}
      password: $${passwordVariable(service)}
      permissions: {
        publish: ${rule(publish)}
        subscribe: ${rule(subscribe)}
      }
    }`;
}

function rule(subjects: readonly string[]): string {
  if (subjects.length === 0) return '{ deny: ">" }';
  return `{ allow: [\n${subjects.map((subject) => `          "${subject}"`).join('\n')}\n        ] }`;
}
