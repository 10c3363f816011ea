import { type Configuration, listeners, type NotificationEndpoint } from '@longshore/configuration';

export type Endpoint = NotificationEndpoint;

/** The notifier's slice of the configuration. */
export class NotifierSettings {
  /** Those that are switched on. */
  readonly endpoints: readonly Endpoint[];

  constructor({ notifications }: Configuration) {
    this.endpoints = listeners(notifications);
  }
}
