import {
  always,
  choice,
  defaulting,
  duration,
  flag,
  integer,
  list,
  map,
  section,
  text,
  url,
} from '@longshore/fields';

/** Actions of events, in distribution's words (notifications/event.go). */
export const eventActions = ['pull', 'push', 'mount', 'delete'] as const;

export type EventAction = (typeof eventActions)[number];

const endpoint = section('A webhook.', {
  name: text('Name of the endpoint in logs and metrics.'),
  disabled: defaulting(flag('Switch the endpoint off.'), 'false'),
  url: url('URL to which events are posted.', { secretPath: true }),
  headers: map('Headers of the requests.', list('The values of the header.', text('A value.')), {
    secret: true,
  }).default({}),
  timeout: defaulting(duration('Longest time for one delivery.', { minimum: 1 }), '1s'),
  threshold: defaulting(integer('Failures in a row before deliveries pause.', { minimum: 1 }), '10'),
  backoff: defaulting(duration('Pause of deliveries after that.'), '1s'),
  ignoredmediatypes: list('Media types of targets whose events are not sent.', text('A media type.')).default(
    [],
  ),
  ignore: always(
    section('Events that are not sent.', {
      mediatypes: list('By the media type of the target.', text('A media type.')).default([]),
      actions: list('By action.', choice('An action.', eventActions)).default([]),
    }),
  ),
});

export const notifications = always(
  section('Webhooks for pushes, pulls, mounts and deletions.', {
    events: always(
      section('Content of an event.', {
        includereferences: defaulting(flag("Add a manifest's references to its events."), 'false'),
      }),
    ),
    deliveries: always(
      section(
        'Limits on undelivered events, dead letters included. Deliveries beyond a limit are dropped and counted.',
        {
          maxage: defaulting(duration('Age at which a delivery is dropped.', { minimum: 60_000 }), '168h'),
          maxcount: defaulting(
            integer('Most deliveries kept per endpoint. The oldest are dropped.', { minimum: 1 }),
            '100000',
          ),
        },
      ),
    ),
    endpoints: list('The webhooks.', endpoint).default([]),
  }),
);
