import { always, defaulting, duration, flag, section } from '@longshore/fields';

export const audit = always(
  section('Audit log: an entry in the database for each change, denied request and login.', {
    enabled: defaulting(flag('Write the audit log.'), 'true'),
    retention: defaulting(duration('Time that an entry is kept. 0 keeps entries for ever.'), '2160h'),
  }),
);
