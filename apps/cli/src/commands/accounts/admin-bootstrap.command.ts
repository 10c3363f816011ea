import { addFirstAdministrator, passwordHash, randomPassword } from '@longshore/metadata';
import type { Command } from '../../command.ts';
import { recorded } from '../recorded.ts';
import { databaseOptions, onDatabase, userWord } from './operations.ts';

export const adminBootstrapCommand: Command = {
  name: 'admin bootstrap',
  summary: 'make the first administrator, with a one-time password that is printed once',
  details:
    'The password is good for a day, and from its first use for an hour. Set one with `longshore user password`.',
  examples: ['longshore admin bootstrap ann --config registry.yml'],
  words: [userWord],
  options: databaseOptions,
  run: (context) =>
    onDatabase(context, async (opened) => {
      const password = randomPassword();
      const hash = await passwordHash(password);
      const [name = ''] = context.words;
      const { after } = await recorded(opened, 'bootstrapAdministrator', (tx) =>
        addFirstAdministrator(tx, { name, passwordHash: hash }),
      );
      context.report({ user: after, password }, [`user: ${name}`, `one-time password: ${password}`]);
    }),
};
