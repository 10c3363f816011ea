import { policyActions, roleNames } from '@longshore/authorization';
import { choice, defaulting, flag, list, section, text } from '@longshore/fields';

const role = (description: string) => choice(description, roleNames);

const rule = section('A rule.', {
  name: text('Name of the rule. Decisions and logs name it.'),
  effect: defaulting(
    choice('A rule that denies wins over every rule that allows.', ['allow', 'deny']),
    'allow',
  ),
  subjects: list(
    'Whom the rule is about: everybody, anonymous, accounts, users, robots, workloads, user:<name>, robot:<name>, workload:<name>, group:<name>.',
    text('A subject.'),
  ),
  role: role('The actions of a role.').optional(),
  actions: list('Actions, beside those of the role.', choice('An action.', policyActions)).default([]),
  repositories: list(
    'Patterns of repository names: team/app, team/** (everything below team), team/app-*, users/${subject}/** (the name of the account).',
    text('A pattern.'),
  ).default(['**']),
  when: text(
    'A condition in CEL over subject, claims, client, repository, tag, action and now: inNetwork(client.address, "10.0.0.0/8").',
  ).optional(),
});

/** Who may do what. Undefined: accounts may do everything in repositories. */
export const access = section(
  'Who may do what, in addition to auth. Without this section every account may do everything in repositories, and a client without an account nothing. With it, what nothing allows is denied.',
  {
    everybody: defaulting(
      role('The role of every client in all repositories, also without an account.'),
      'none',
    ),
    accounts: defaulting(role('The role of every account in all repositories.'), 'none'),
    ownnamespace: defaulting(
      flag('Make every user the owner of the repositories below its own name (ann/**).'),
      'false',
    ),
    rules: list('The rules.', rule).default([]),
  },
);
