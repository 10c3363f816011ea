import type { Configuration } from '@longshore/configuration';

export type Endpoint = Configuration['notifications']['endpoints'][number];

/** The notifier's slice of the configuration. */
export class NotifierSettings {
  /** Those that are switched on. */
  readonly endpoints: readonly Endpoint[];

  constructor({ notifications }: Configuration) {
    this.endpoints = notifications.endpoints.filter(({ disabled }) => !disabled);
  }
}
