import { always, defaulting, duration, list, network, section, text, word } from '@longshore/fields';

export const egress = always(
  section(
    'Requests of the registry to identity providers. They follow no redirect, and an answer is at most 1 MiB.',
    {
      networks: list(
        'Addresses and networks that are reached although they are link-local or a metadata service of a cloud.',
        network('An address or a network.'),
      ).default([]),
      plainhosts: list(
        'Hosts that are contacted over http. Others need https; loopback needs no entry.',
        word('A host name or address.'),
      ).default([]),
      ca: text(
        "File with PEM certificates of authorities that are trusted beside the system's. Read again for each request.",
      ).optional(),
      deadline: defaulting(
        duration('Longest time for one request, the answer included.', { minimum: 1, maximum: 60_000 }),
        '5s',
      ),
    },
  ),
);
