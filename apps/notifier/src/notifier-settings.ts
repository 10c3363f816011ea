import { type Configuration, listeners, type NotificationEndpoint } from '@longshore/configuration';

export type Endpoint = NotificationEndpoint;

/** The part of the configuration that the notifier uses. */
export class NotifierSettings {
  /** The enabled endpoints. */
  readonly endpoints: readonly Endpoint[];
  /** Names of all endpoints, including disabled ones. */
  readonly names: readonly string[];
  /** Seconds. */
  readonly maximumAge: number;
  /** Most deliveries per endpoint. */
  readonly maximumCount: number;

  constructor({ notifications }: Configuration) {
    this.endpoints = listeners(notifications);
    this.names = notifications.endpoints.map(({ name }) => name);
    this.maximumAge = notifications.deliveries.maxage / 1000;
    this.maximumCount = notifications.deliveries.maxcount;
  }
}
