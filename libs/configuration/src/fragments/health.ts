import {
  address,
  always,
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

const pace = {
  timeout: defaulting(duration('How long one check may take.', { minimum: 1 }), '5s'),
  interval: defaulting(duration('How often it is made.', { minimum: 1 }), '10s'),
  threshold: defaulting(
    integer('Failures in a row before the registry counts as unhealthy.', { minimum: 1 }),
    '1',
  ),
};

export const health = always(
  section('What makes a replica unready.', {
    storagedriver: always(
      section('A look at the store, by each service that opens it.', {
        enabled: defaulting(flag('Check the store.'), 'true'),
        interval: defaulting(duration('How often it is checked.', { minimum: 1 }), '10s'),
        threshold: defaulting(
          integer('Failures in a row before the replica counts as unready.', { minimum: 1 }),
          '3',
        ),
      }),
    ),
    file: list(
      'Files whose presence makes the replica unready.',
      section('A file.', {
        file: text('Its path.'),
        interval: defaulting(duration('How often it is looked for.', { minimum: 1 }), '10s'),
      }),
    ).default([]),
    http: list(
      'URLs that must answer.',
      section('A URL.', {
        uri: url('The URL.'),
        headers: map('Headers of the request.', list('The values of the header.', text('A value.')), {
          secret: true,
        }).default({}),
        statuscode: defaulting(integer('The status it must answer.', { minimum: 100, maximum: 599 }), '200'),
        ...pace,
      }),
    ).default([]),
    tcp: list(
      'Addresses that must accept a connection.',
      section('An address.', { addr: address('host:port.'), ...pace }),
    ).default([]),
  }),
);
