import { ConfigurationError, loadConfiguration } from '@longshore/configuration';
import { DatabaseUnavailable, databaseUrl, migrate } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';

export const migrateCommand: Command = {
  name: 'migrate',
  usage: '[--config FILE]',
  summary: 'bring the database up to date; run it before the services of a new version start',
  options: ['config'],
  mostWords: 0,
  run,
};

async function run({ config, environment, print, complain }: CommandContext): Promise<ExitStatus> {
  try {
    const { postgres } = loadConfiguration({
      environment,
      ...(config === undefined ? {} : { file: config }),
      // A migration touches no storage, so a job that only knows the database can run it.
      defaults: { storage: { inmemory: {} } },
      needs: ['postgres'],
    });
    const applied = await migrate(databaseUrl(postgres));
    for (const name of applied) print(`applied ${name}`);
    print(applied.length === 0 ? 'the database is up to date' : 'the database is now up to date');
    return exitStatus.ok;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    if (error instanceof ConfigurationError) return exitStatus.configuration;
    return error instanceof DatabaseUnavailable ? exitStatus.unavailable : exitStatus.failed;
  }
}
