import { type Configuration, listeners, type NotificationEndpoint } from '@longshore/configuration';

export type Endpoint = NotificationEndpoint;

/** The notifier's slice of the configuration. */
export class NotifierSettings {
  /** Those that are switched on. */
  readonly endpoints: readonly Endpoint[];
  /** Names of all endpoints, those that are switched off, too. */
  readonly names: readonly string[];
  /** Seconds. */
  readonly maximumAge: number;
  /** Deliveries for each endpoint. */
  readonly maximumCount: number;

  constructor({ notifications }: Configuration) {
    this.endpoints = listeners(notifications);
    this.names = notifications.endpoints.map(({ name }) => name);
    this.maximumAge = notifications.deliveries.maxage / 1000;
    this.maximumCount = notifications.deliveries.maxcount;
  }
}
