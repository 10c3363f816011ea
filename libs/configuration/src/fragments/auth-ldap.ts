import {
  always,
  defaulting,
  duration,
  flag,
  list,
  map,
  secret,
  section,
  text,
  word,
} from '@longshore/fields';
import type { z } from 'zod';
import { isLoopbackHost } from '../values/loopback.ts';

const object = section(
  'Accounts of a directory (LDAP, Active Directory). Asked after htpasswd and database.',
  {
    urls: list(
      'URLs of its servers, ldap:// or ldaps://. The next one is asked if one does not answer.',
      text('A URL.'),
    ).min(1, 'must name a server'),
    starttls: defaulting(flag('Switch connections of ldap:// URLs to TLS before anything is sent.'), 'false'),
    ca: text(
      "File with PEM certificates of the servers' authorities. Default: those of the system.",
    ).optional(),
    deadline: defaulting(duration('Longest time for one answer of a server.', { minimum: 1 }), '3s'),
    recheck: defaulting(
      duration('Time until the directory is asked again about a user who was found, or not.', {
        minimum: 1000,
        maximum: 3_600_000,
      }),
      '30s',
    ),
    userdn: text(
      'Name to bind with, where it can be told from the user name: uid={name},ou=people,dc=example,dc=org, or {name}@example.org for Active Directory.',
    ).optional(),
    search: section('How the user is found, if not by userdn.', {
      base: word('Entry below which users are searched.'),
      filter: defaulting(text('Filter; {name} is the user name.'), '(uid={name})'),
      binddn: text('Name of the account that searches. Without it the search is anonymous.').optional(),
      password: secret("The account's password.").optional(),
    }).optional(),
    attributes: always(
      section("Attributes of a user's entry.", {
        name: defaulting(
          word(
            'The name by which the registry knows the user, in lower case. Active Directory: sAMAccountName.',
          ),
          'uid',
        ),
        id: defaulting(
          word('An id that never goes to another user. Active Directory: objectGUID.'),
          'entryUUID',
        ),
        groups: text(
          "Names (DN) of the user's groups: memberOf. The first part of each is the group's name.",
        ).optional(),
      }),
    ),
    groups: section('Searches groups, where entries of users do not name them.', {
      base: word('Entry below which groups are searched.'),
      filter: defaulting(
        text("Filter; {dn} is the name of the user's entry, and {name} the user name."),
        '(|(member={dn})(uniqueMember={dn})(memberUid={name}))',
      ),
      name: defaulting(word("Attribute with a group's name."), 'cn'),
    }).optional(),
    groupnames: map(
      "The registry's names for groups, by their names in the directory. If it is given, other groups are left out.",
      word('A name.'),
    ).optional(),
  },
);

type Refuse = (path: (string | number)[], message: string) => void;

export const ldap = object.superRefine((value, context) => {
  const refuse: Refuse = (path, message) => context.addIssue({ code: 'custom', path, message });
  for (const [index, url] of value.urls.entries())
    judgeUrl(url, value.starttls, (message) => refuse(['urls', index], message));
  judgeUsers(value, refuse);
  if (value.groups !== undefined && !/\{dn\}|\{name\}/.test(value.groups.filter))
    refuse(['groups', 'filter'], 'must contain {dn} or {name}');
});

function judgeUrl(url: string, starttls: boolean, refuse: (message: string) => void): void {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  if (!['ldap:', 'ldaps:'].includes(protocol) || hostname === '')
    refuse('must be a URL such as ldaps://directory.example:636');
  else if (protocol === 'ldap:' && !starttls && !isLoopbackHost(hostname))
    refuse('would carry passwords in the clear; use ldaps://, or set starttls');
  else if (protocol === 'ldaps:' && starttls) refuse('is of TLS from the start; leave starttls out');
}

function judgeUsers({ userdn, search }: z.output<typeof object>, refuse: Refuse): void {
  if ((userdn === undefined) === (search === undefined))
    refuse([], 'needs either userdn or search, to tell who a user is');
  if (userdn !== undefined && !userdn.includes('{name}')) refuse(['userdn'], 'must contain {name}');
  if (search === undefined) return;
  if (!search.filter.includes('{name}')) refuse(['search', 'filter'], 'must contain {name}');
  // Only auth-service asks the directory, and is given the password: its start misses one beside binddn.
  if (search.binddn === undefined && search.password !== undefined)
    refuse(['search', 'binddn'], 'is required with password');
}
