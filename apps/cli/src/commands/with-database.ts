import { ConfigurationError, loadConfiguration } from '@longshore/configuration';
import { type Database, DatabaseUnavailable, databaseUrl, openDatabase } from '@longshore/metadata';
import { type CommandContext, type ExitStatus, exitStatus } from '../command.ts';

/** Runs a command on the configured database, and closes it again. */
export async function withDatabase(
  { config, environment, complain }: CommandContext,
  use: (database: Database) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  try {
    const { postgres } = loadConfiguration({
      environment,
      ...(config === undefined ? {} : { file: config }),
      // The command touches no storage, so a job that only knows the database can run it.
      defaults: { storage: { inmemory: {} } },
      needs: ['postgres'],
    });
    const database = await openDatabase({ url: databaseUrl(postgres), poolSize: 1 });
    try {
      return await use(database);
    } finally {
      await database.close();
    }
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    if (error instanceof ConfigurationError) return exitStatus.configuration;
    return error instanceof DatabaseUnavailable ? exitStatus.unavailable : exitStatus.failed;
  }
}
