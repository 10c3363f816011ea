import type { ServiceName } from '@longshore/configuration';

/** Options of commands: as they are typed, and what the help says. Every command has `--json` as well. */
export const options = {
  config: {
    flags: '--config <file>',
    summary:
      'file with the configuration. Default: the one that REGISTRY_CONFIGURATION_PATH names. REGISTRY_ variables override it',
  },
  from: {
    flags: '--from <file>',
    summary: 'file with the configuration of the store to copy from, with postgres',
  },
  to: { flags: '--to <file>', summary: 'file with the configuration of the store to copy to' },
  standalone: {
    flags: '--standalone',
    summary: 'use the store and the database of the registry that `npm start` runs on this machine',
  },
  service: {
    flags: '--service <name>',
    summary: 'check what the start of this service asks for. Default: what all services have in common',
  },
  event: { flags: '--event <id>', summary: 'id of one event, from notifications dead. Default: all events' },
  group: { flags: '--group <name...>', summary: 'groups that the account is in' },
  tag: { flags: '--tag <tag>', summary: 'the tag that is pulled, pushed, moved or deleted' },
  address: { flags: '--address <address>', summary: 'the address of the client' },
  now: {
    flags: '--now',
    summary:
      'sign with the new key after five seconds, not 20 minutes. This registry knows it by then; other readers of /.well-known/jwks.json may not',
  },
  'password-file': {
    flags: '--password-file <file>',
    summary: 'file that holds the password, and nothing else',
  },
  days: { flags: '--days <number>', summary: 'days until the token expires. Default: it does not expire' },
  action: {
    flags: '--action <action...>',
    summary:
      'what the token may be used for: pull, push, … Default: pull with --repository, otherwise all that its owner may do',
  },
  repository: {
    flags: '--repository <pattern...>',
    summary:
      'name of a repository; of a token: patterns of the repositories that it is good for. Default: all',
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
