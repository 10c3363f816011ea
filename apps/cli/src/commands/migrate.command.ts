import { ConfigurationError, loadConfiguration } from '@longshore/configuration';
import { DatabaseUnavailable, databaseUrl, migrate } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'bring the database up to date; run it before the services of a new version start',
  examples: ['REGISTRY_POSTGRES_URL=postgres://longshore@db/longshore longshore migrate'],
  options: ['config'],
  run,
};

async function run({ config, environment, report, complain }: CommandContext): Promise<ExitStatus> {
  try {
    const { postgres } = loadConfiguration({
      environment,
      ...(config === undefined ? {} : { file: config }),
      // A migration touches no storage, so a job that only knows the database can run it.
      defaults: { storage: { inmemory: {} } },
      needs: ['postgres'],
    });
    const applied = await migrate(databaseUrl(postgres));
    report({ applied }, [
      ...applied.map((name) => `applied ${name}`),
      applied.length === 0 ? 'the database is up to date' : 'the database is now up to date',
    ]);
    return exitStatus.ok;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    if (error instanceof ConfigurationError) return exitStatus.configuration;
    return error instanceof DatabaseUnavailable ? exitStatus.unavailable : exitStatus.failed;
  }
}
