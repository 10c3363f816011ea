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
  timeout: defaulting(duration('Longest time for one check.', { minimum: 1 }), '5s'),
  interval: defaulting(duration('Time between checks.', { minimum: 1 }), '10s'),
  threshold: defaulting(
    integer('Failures in a row before the registry counts as unhealthy.', { minimum: 1 }),
    '1',
  ),
};

export const health = always(
  section('Conditions that make a replica unready.', {
    storagedriver: always(
      section('Check of the store, in each service that opens it.', {
        enabled: defaulting(flag('Check the store.'), 'true'),
        interval: defaulting(duration('Time between checks.', { minimum: 1 }), '10s'),
        threshold: defaulting(
          integer('Failures in a row before the replica counts as unready.', { minimum: 1 }),
          '3',
        ),
      }),
    ),
    file: list(
      'Files whose presence makes the replica unready.',
      section('A file.', {
        file: text('Path of the file.'),
        interval: defaulting(duration('Time between checks.', { minimum: 1 }), '10s'),
      }),
    ).default([]),
    http: list(
      'URLs that must respond.',
      section('A URL.', {
        uri: url('The URL.'),
        headers: map('Headers of the request.', list('The values of the header.', text('A value.')), {
          secret: true,
        }).default({}),
        statuscode: defaulting(
          integer('Status that the URL must return.', { minimum: 100, maximum: 599 }),
          '200',
        ),
        ...pace,
      }),
    ).default([]),
    tcp: list(
      'Addresses that must accept a connection.',
      section('An address.', { addr: address('host:port.'), ...pace }),
    ).default([]),
  }),
);
