import { promisify } from 'node:util';
import {
  type Configuration,
  ConfigurationError,
  refuseUnusable,
  serviceDemands,
  standaloneDefaults,
  standaloneHome,
} from '@longshore/configuration';
import { migrate } from '@longshore/metadata';
import {
  closeOnSignal,
  drainDeadline,
  failureStatus,
  keepDebuggerShut,
  Lifecycle,
  loadOptionalCode,
  missingPackage,
  outliveReaders,
  readConfiguration,
  readParameters,
  startFailure,
  startService,
} from '@longshore/service-kit';
import { standaloneDefinition } from './compose-standalone.ts';
import { lockHome } from './home/home-lock.ts';
import { prepareHome } from './home/prepare-home.ts';
import { startEmbeddedPostgres } from './postgres/embedded-postgres.ts';
import { accessLines, localName, sourceLines } from './ready-lines.ts';

/** Milliseconds to stop Postgres, beside the drain. */
const postgresStop = 60_000;

/** Runs the whole registry in one process, on embedded parts. Ends the process with one clear message if it cannot start. */
export async function runStandalone(): Promise<void> {
  process.title = 'longshore-standalone';
  keepDebuggerShut();
  outliveReaders();
  // Closed in reverse order: the registry, its database, the lock of its home.
  const parts = new Lifecycle();
  try {
    const parameters = readParameters('npm start --');
    const home = standaloneHome(process.env['LONGSHORE_HOME']);
    const { secret } = await prepareHome(home);
    const config = readConfiguration(parameters, { defaults: standaloneDefaults(home, secret) });
    const starting = start(config, home, parts);
    closeOnSignal({
      close: async () => {
        // A part that is still starting is not registered yet. A failed start has ended the process by itself.
        await starting.catch(() => undefined);
        await parts.onApplicationShutdown();
      },
      log: { info: say, error: (fault, message) => complain(`${message}: ${startFailure(fault)}`) },
      deadline: drainDeadline(config) + postgresStop,
    });
    await starting;
    for (const line of [...sourceLines(parameters, home), ...accessLines(config)]) say(line);
    const address = localName(config.http.addr);
    say(`ready after ${process.uptime().toFixed(1)} s on ${address}. Try: docker push ${address}/team/app:1`);
  } catch (error) {
    await askForPackage(error);
    await end(parts, error);
  }
}

/** Ends the process if the start lacks a package and `npm start` waits for its name: it installs the package, then starts again. */
async function askForPackage(error: unknown): Promise<void> {
  const missing = missingPackage(error);
  if (missing === undefined || process.send === undefined) return;
  say(`the configuration needs ${missing}, which is not installed`);
  await promisify(process.send.bind(process, { missingPackage: missing }))();
  process.exit(failureStatus(error));
}

async function start(config: Configuration, home: string, parts: Lifecycle): Promise<void> {
  // Checked before the database starts, which takes longest.
  await refuseUnusable(config, serviceDemands.standalone.uses);
  await loadOptionalCode(config);
  const { url, announce } = await openDatabase(config, home, parts);
  const applied = await migrate(url);
  if (applied.length > 0) say(`database migrated: ${applied.join(', ')}`);
  const service = await startService(standaloneDefinition(url), config);
  parts.onClose('the registry', service.close);
  await announce(config.http.addr);
}

interface StandaloneDatabase {
  readonly url: string;
  /** Publishes the address of this process, for a second start on the same home to report. */
  readonly announce: (address: string) => Promise<void>;
}

/** Opens the configured Postgres, or the home's own, which only one process may use. Ends the process if that one is lost for good. */
async function openDatabase(
  { postgres }: Configuration,
  home: string,
  parts: Lifecycle,
): Promise<StandaloneDatabase> {
  if (postgres !== undefined) {
    if (postgres.url !== undefined) return { url: postgres.url, announce: async () => {} };
    const message = 'the standalone registry needs postgres.url, or no postgres section';
    throw new ConfigurationError([{ path: 'postgres', message }]);
  }
  const lock = await lockHome(home);
  parts.onClose('the lock of the home', async () => lock.release());
  const server = await startEmbeddedPostgres(home, say);
  parts.onClose('Postgres', () => server.stop());
  void server.lost.then((reason) => end(parts, reason));
  return { url: server.url, announce: (address) => lock.tell(address) };
}

/** Closes everything that is open, and ends the process with the reason. */
async function end(parts: Lifecycle, reason: unknown): Promise<never> {
  complain(startFailure(reason));
  await parts.onApplicationShutdown().catch((fault: unknown) => complain(startFailure(fault)));
  process.exit(failureStatus(reason));
}

function say(message: string): void {
  process.stdout.write(`longshore: ${message}\n`);
}

function complain(message: string): void {
  process.stderr.write(`${message}\n`);
}
