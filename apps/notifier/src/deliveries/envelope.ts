import type { RegistryEvent } from '@longshore/messaging';
import type { Endpoint } from '../notifier-settings.ts';

/** The media type of distribution's envelope (notifications/event.go). */
export const envelopeMediaType = 'application/vnd.docker.distribution.events.v2+json';

/** Puts one event into one envelope, as distribution does. The bytes are made once and sent unchanged on every attempt. */
export function envelopeOf(event: RegistryEvent): Uint8Array {
  return Buffer.from(JSON.stringify({ events: [event] }));
}

/** Tells whether the endpoint wants the event: neither its action nor its target's media type is ignored. */
export function isWanted(
  { action, target }: RegistryEvent,
  { ignore, ignoredmediatypes }: Endpoint,
): boolean {
  const mediaTypes = [...ignore.mediatypes, ...ignoredmediatypes];
  const ignored =
    ignore.actions.includes(action) ||
    (target.mediaType !== undefined && mediaTypes.includes(target.mediaType));
  return !ignored;
}
