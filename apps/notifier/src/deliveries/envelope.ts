import type { RegistryEvent } from '@longshore/messaging';
import type { Endpoint } from '../notifier-settings.ts';

/** The media type of distribution's envelope (notifications/event.go). */
export const envelopeMediaType = 'application/vnd.docker.distribution.events.v2+json';

/** One event in one envelope, as distribution sends it. The bytes are made once and sent again unchanged. */
export function envelopeOf(event: RegistryEvent): Uint8Array {
  return Buffer.from(JSON.stringify({ events: [event] }));
}

/** Whether the endpoint wants to hear of the event: neither its action nor its target's media type is ignored. */
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
