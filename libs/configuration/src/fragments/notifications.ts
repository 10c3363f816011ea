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

const endpoint = section('A webhook.', {
  name: text('Name of the endpoint in logs and metrics.'),
  disabled: defaulting(flag('Deliver nothing here.'), 'false'),
  url: url('Where events are posted.', undefined, { secretPath: true }),
  headers: map('Headers of the requests.', list('The values of the header.', text('A value.')), {
    secret: true,
  }).default({}),
  timeout: defaulting(duration('How long one delivery may take.', { minimum: 1 }), '1s'),
  threshold: defaulting(integer('Failures in a row before deliveries pause.', { minimum: 1 }), '10'),
  backoff: defaulting(duration('How long they pause.'), '1s'),
  ignoredmediatypes: list('Media types of targets that are not announced.', text('A media type.')).default(
    [],
  ),
  ignore: always(
    section('Events that are not announced.', {
      mediatypes: list('By the media type of the target.', text('A media type.')).default([]),
      actions: list('By action.', choice('An action.', ['pull', 'push', 'mount', 'delete'])).default([]),
    }),
  ),
});

export const notifications = always(
  section('Announcements of pushes, pulls, mounts and deletions.', {
    events: always(
      section('What an event holds.', {
        includereferences: defaulting(flag("Add a manifest's references to its events."), 'false'),
      }),
    ),
    deliveries: always(
      section(
        'How much waits for receivers that do not take it, dead letters included. What is beyond is dropped and counted.',
        {
          maxage: defaulting(duration('Older ones are dropped.', { minimum: 60_000 }), '168h'),
          maxcount: defaulting(
            integer('So many are kept for each endpoint; the oldest are dropped.', { minimum: 1 }),
            '100000',
          ),
        },
      ),
    ),
    endpoints: list('The webhooks.', endpoint).default([]),
  }),
);
