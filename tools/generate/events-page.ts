import { join } from 'node:path';
import { eventActions } from '@longshore/configuration';
import { Declarations } from './declarations.ts';
import { code, page, table } from './markdown.ts';

const file = 'libs/messaging/src/contracts/registry-event.ts';

export function eventsPage(root: string): string {
  const declarations = new Declarations(join(root, file));
  const fieldsOf = (name: string): string =>
    table(
      ['field', 'type', 'present', 'what it is'],
      declarations
        .fields(name)
        .map(({ name: field, type, optional, comment }) => [
          code(field),
          code(type === 'EventAction' ? eventActions.map((action) => `'${action}'`).join(' | ') : type),
          optional ? 'sometimes' : 'always',
          comment,
        ]),
    );
  return page('Events', `\`${file}\``, [
    "What a webhook (`notifications.endpoints`) receives: a `POST` of `application/vnd.docker.distribution.events.v2+json` with the document `{\"events\": [event]}`, in the fields of distribution's notification envelope. One event per request. An event of a push, mount or deletion is written in the transaction of its change and delivered at least once; `webhook-id` repeats the event's `id`, by which a receiver knows it again. A pull's event is written after the answer and can be lost with the process. Any answer from 200 to 299 counts as received; redirects are not followed and count as failed. What a receiver does not take is tried again for about three days and then kept as a dead letter (`longshore notifications dead`, `notifications replay`), within `notifications.deliveries`.",
    '## Event',
    fieldsOf('RegistryEvent'),
    '## `target`',
    fieldsOf('EventTarget'),
    'A push by tag has one event for each tag; a deletion names the `tag` or the `digest` that was deleted. `references` is there when `notifications.events.includereferences` is on.',
    '## `request`',
    fieldsOf('EventRequest'),
  ]);
}
