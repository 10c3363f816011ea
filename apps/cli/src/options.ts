import type { ServiceName } from '@longshore/configuration';

/** Options of commands: as they are typed, and what the help says. Every command has `--json` as well. */
export const options = {
  config: {
    flags: '--config <file>',
    summary:
      'the configuration; without it REGISTRY_CONFIGURATION_PATH. REGISTRY_ variables win over the file',
  },
  from: {
    flags: '--from <file>',
    summary: 'the configuration of the store that is copied, with postgres',
  },
  to: { flags: '--to <file>', summary: 'the configuration of the store that is filled' },
  standalone: {
    flags: '--standalone',
    summary: 'as `npm start` does, which has a store, a database, an address and a secret of its own',
  },
  service: {
    flags: '--service <name>',
    summary: 'as the start of one service does, with the sections that it needs',
  },
  event: { flags: '--event <id>', summary: 'the id of one event; without it all are meant' },
  group: { flags: '--group <name...>', summary: 'groups of the account' },
  tag: { flags: '--tag <tag>', summary: 'the tag that is pulled, pushed, moved or deleted' },
  address: { flags: '--address <address>', summary: 'the address of the client' },
  now: {
    flags: '--now',
    summary:
      'the new key signs after five seconds, which the doors of this registry need; other readers of /.well-known/jwks.json may not have it yet',
  },
  'password-file': { flags: '--password-file <file>', summary: 'file with the password' },
  days: { flags: '--days <number>', summary: 'days until the token expires; without it never' },
  action: {
    flags: '--action <action...>',
    summary: 'what the token may be used for; without it, with --repository, pull',
  },
  repository: {
    flags: '--repository <pattern...>',
    summary:
      'the name of the repository; of a token, patterns of those that it may be used for; without it all',
  },
  since: {
    flags: '--since <time>',
    summary: 'the oldest time, as 2026-11-30T12:00:00Z, or an age, as 90m, 24h or 7d',
  },
  actor: { flags: '--actor <name>', summary: 'the name of an account' },
} as const satisfies Readonly<Record<string, { readonly flags: string; readonly summary: string }>>;

export type OptionName = keyof typeof options;

/** A list for `<name...>`, a text for `<name>`, and true for an option without a value. */
type ValueOf<Flags extends string> = Flags extends `${string}...>`
  ? readonly string[]
  : Flags extends `${string}>`
    ? string
    : true;

/** The options of a line, by their names. */
export type OptionValues = {
  readonly [Name in OptionName]?: Name extends 'service'
    ? ServiceName
    : ValueOf<(typeof options)[Name]['flags']>;
};
