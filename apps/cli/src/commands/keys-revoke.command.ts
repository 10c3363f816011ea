import { AccountError } from '@longshore/authorization';
import { revokeSigningKey } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { recorded } from './recorded.ts';
import { withDatabase } from './with-database.ts';

export const keysRevokeCommand: Command = {
  name: 'keys revoke',
  summary: 'delete a key that leaked: every door refuses its tokens within a second or two',
  details: 'Clients fetch new tokens by themselves. auth-service makes a new key if this was the only one.',
  examples: ['longshore keys revoke kl4…Yw --config registry.yml'],
  words: [{ name: 'kid', summary: 'the id of the key, which keys list shows' }],
  options: ['config', 'standalone'],
  run,
};

function run(context: CommandContext): Promise<ExitStatus> {
  const {
    words: [kid = ''],
    report,
    complain,
  } = context;
  return withDatabase(context, async (database) => {
    try {
      await recorded(database, 'revokeSigningKey', (tx) => revokeSigningKey(tx, kid));
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      complain(`${error.message} (keys list shows them)`);
      return exitStatus.failed;
    }
    report({ revoked: kid }, [`${kid} is revoked, and the tokens that it signed are void`]);
    return exitStatus.ok;
  });
}
