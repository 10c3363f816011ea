import { ConfigurationError, loadConfiguration } from '@longshore/configuration';
import { type Database, DatabaseUnavailable, databaseUrl, connectDatabase } from '@longshore/metadata';
import { type CommandContext, type ExitStatus, exitStatus } from '../command.ts';

/** Runs a command that needs the configured database and nothing else. Its failure becomes a message and an exit status. */
export async function withDatabaseUrl(
  { config, environment, complain }: CommandContext,
  use: (url: string) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  try {
    const { postgres } = loadConfiguration({
      environment,
      ...(config === undefined ? {} : { file: config }),
      // The command touches no storage, so a job that only knows the database can run it.
      defaults: { storage: { inmemory: {} } },
      needs: ['postgres'],
    });
    return await use(databaseUrl(postgres));
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    if (error instanceof ConfigurationError) return exitStatus.configuration;
    return error instanceof DatabaseUnavailable ? exitStatus.unavailable : exitStatus.failed;
  }
}

/** As `withDatabaseUrl`, with the database open; it is closed again. */
export function withDatabase(
  context: CommandContext,
  use: (database: Database) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  return withDatabaseUrl(context, async (url) => {
    const database = await connectDatabase({ url, poolSize: 1 });
    try {
      return await use(database);
    } finally {
      await database.close();
    }
  });
}
