import { section } from '@longshore/fields';

export const database = section(
  'Accounts in the database: users with passwords, groups, robots and access tokens. `longshore admin bootstrap` makes the first one.',
  {},
);
