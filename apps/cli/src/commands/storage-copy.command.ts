import {
  type Configuration,
  asConfigurationError,
  loadConfiguration,
  storageDriverOf,
} from '@longshore/configuration';
import {
  type BlobRow,
  blobsPage,
  type Database,
  DatabaseUnavailable,
  isBlob,
  connectDatabase,
} from '@longshore/metadata';
import type { Digest } from '@longshore/oci';
import type { StorageDriver } from '@longshore/storage';
import { createStorageDriver } from '@longshore/stores';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { copyBlobs } from '../copy/copy-blobs.ts';
import { databaseUrlOf } from '../database-of.ts';
import { sourcesOf } from '../sources.ts';

export const storageCopyCommand: Command = {
  name: 'storage copy',
  summary: 'copy all blobs from the store of one configuration to that of another, while the registry runs',
  examples: [
    'REGISTRY_POSTGRES_URL=postgres://longshore@db/longshore longshore storage copy --from old.yml --to new.yml',
    'longshore storage copy --standalone --from registry.yml --to new.yml',
  ],
  options: ['from', 'to', 'standalone'],
  required: ['from', 'to'],
  run,
};

const pageSize = 500;
const concurrency = 4;
/** After this many passes the pushes are faster than the copy. */
const mostPasses = 20;

async function run(context: CommandContext): Promise<ExitStatus> {
  const { from, to, environment, complain } = context;
  if (from === undefined || to === undefined) {
    complain('storage copy needs --from FILE and --to FILE');
    return exitStatus.usage;
  }
  try {
    const source = loadConfiguration(sourcesOf({ ...context, config: from }));
    const target = loadConfiguration({ environment, file: to });
    const database = await connectDatabase({ url: await databaseUrlOf(context, source) });
    try {
      return await copyBetween(context, database, { source, target });
    } finally {
      await database.close();
    }
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    if (asConfigurationError(error) !== undefined) return exitStatus.configuration;
    return error instanceof DatabaseUnavailable ? exitStatus.unavailable : exitStatus.failed;
  }
}

async function copyBetween(
  { progress, report, complain }: CommandContext,
  database: Database,
  { source, target }: { source: Configuration; target: Configuration },
): Promise<ExitStatus> {
  const from = await opened(source);
  const to = await opened(target);
  const plan = {
    from,
    to,
    blobs: () => allBlobs(database),
    isWanted: (blob: BlobRow) => isBlob(database.db, blob.digest),
    tell: progress,
    concurrency,
  };
  let pass = await copyBlobs(plan);
  // Blobs pushed during one pass are copied in the next.
  for (let passes = 1; pass.copied > 0 && pass.failed === 0 && passes < mostPasses; passes++)
    pass = await copyBlobs(plan);
  await Promise.all([from.close(), to.close()]);
  const { copied, present, failed } = pass;
  report(
    { store: to.name, blobs: copied + present, failed },
    failed > 0 ? [] : [`all ${present + copied} blobs are in ${to.name}`],
  );
  if (failed > 0) complain(`${failed} blobs could not be copied; the same command goes on with them`);
  return pass.failed === 0 ? exitStatus.ok : exitStatus.failed;
}

async function opened({ storage }: Configuration): Promise<StorageDriver> {
  const driver = await createStorageDriver(storageDriverOf(storage));
  await driver.check();
  return driver;
}

async function* allBlobs({ db }: Database): AsyncGenerator<readonly BlobRow[]> {
  let after: Digest | undefined;
  do {
    const page: BlobRow[] = await blobsPage(db, { after, limit: pageSize });
    yield page;
    after = page.length < pageSize ? undefined : page.at(-1)?.digest;
  } while (after !== undefined);
}
