import { ConfigurationError, loadConfiguration } from '@longshore/configuration';
import { type Database, DatabaseUnavailable, connectDatabase } from '@longshore/metadata';
import { type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { databaseUrlOf } from '../database-of.ts';

/** Runs a command that needs only the database. Turns its failure into a message and an exit status. */
export async function withDatabaseUrl(
  context: CommandContext,
  use: (url: string) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const { config, environment, complain } = context;
  try {
    const configuration = loadConfiguration({
      environment,
      ...(config === undefined ? {} : { file: config }),
      // The command uses no storage, so a job that only knows the database can run it.
      defaults: { storage: { inmemory: {} } },
    });
    return await use(await databaseUrlOf(context, configuration));
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    if (error instanceof ConfigurationError) return exitStatus.configuration;
    return error instanceof DatabaseUnavailable ? exitStatus.unavailable : exitStatus.failed;
  }
}

/** Does the same as `withDatabaseUrl`, with the database open, and closes it afterwards. */
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
