import type { Configuration } from './schema.ts';

type Notifications = Configuration['notifications'];
export type NotificationEndpoint = Notifications['endpoints'][number];

/** Returns the enabled endpoints. Without one no event is recorded. */
export function listeners({ endpoints }: Notifications): readonly NotificationEndpoint[] {
  return endpoints.filter(({ disabled }) => !disabled);
}

/** Returns false if no endpoint wants pulls: then a pull writes nothing. */
export function announcesPulls(notifications: Notifications): boolean {
  return listeners(notifications).some(({ ignore }) => !ignore.actions.includes('pull'));
}
