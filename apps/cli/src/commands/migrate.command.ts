import { migrate } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { withDatabaseUrl } from './with-database.ts';

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'bring the database up to date; run it before the services of a new version start',
  examples: ['REGISTRY_POSTGRES_URL=postgres://longshore@db/longshore longshore migrate'],
  options: ['config', 'standalone'],
  run,
};

function run(context: CommandContext): Promise<ExitStatus> {
  return withDatabaseUrl(context, async (url) => {
    const applied = await migrate(url);
    context.report({ applied }, [
      ...applied.map((name) => `applied ${name}`),
      applied.length === 0 ? 'the database is up to date' : 'the database is now up to date',
    ]);
    return exitStatus.ok;
  });
}
