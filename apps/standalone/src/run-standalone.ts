import { join, resolve } from 'node:path';
import { ConfigurationError } from '@longshore/configuration';
import { migrate } from '@longshore/metadata';
import {
  closeOnSignal,
  drainDeadline,
  readConfiguration,
  startFailure,
  startService,
} from '@longshore/service-kit';
import { composeStandalone } from './compose-standalone.ts';
import { prepareHome } from './home.ts';
import { startEmbeddedPostgres } from './postgres/embedded-postgres.ts';

/** Milliseconds for stopping Postgres, beside the drain. */
const postgresStop = 30_000;

/** The whole registry in one process, on embedded parts. Ends the process with one clear message when it cannot start. */
export async function runStandalone(): Promise<void> {
  const began = performance.now();
  let stopPostgres = nothingToStop;
  try {
    const home = resolve(process.env['LONGSHORE_HOME'] ?? '.longshore');
    const { secret } = await prepareHome(home);
    const config = readConfiguration(process.argv.slice(2), { defaults: defaultsFor(home, secret) });
    let url = config.postgres?.url;
    if (config.postgres === undefined) {
      const postgres = await startEmbeddedPostgres(home, say);
      stopPostgres = () => postgres.stop();
      url = postgres.url;
    }
    if (url === undefined)
      throw new ConfigurationError([
        { path: 'postgres', message: 'the standalone registry needs postgres.url, or no postgres section' },
      ]);
    const applied = await migrate(url);
    if (applied.length > 0) say(`database migrated: ${applied.join(', ')}`);
    const databaseUrl = url;
    const service = await startService(
      {
        name: 'standalone',
        http: true,
        needs: [],
        compose: (context) => composeStandalone(context, databaseUrl),
      },
      config,
    );
    const close = async (): Promise<void> => {
      await service.close();
      await stopPostgres();
    };
    closeOnSignal({ close, log: service.log, deadline: drainDeadline(config) + postgresStop });
    const address = config.http.addr.replace(/^(?:127\.0\.0\.1|0\.0\.0\.0|\[::\])?:/, 'localhost:');
    say(
      `ready after ${((performance.now() - began) / 1000).toFixed(1)} s on ${address}. Try: docker push ${address}/team/app:1`,
    );
  } catch (error) {
    await stopPostgres();
    process.stderr.write(`${startFailure(error)}\n`);
    process.exit(error instanceof ConfigurationError ? 78 : 1);
  }
}

function defaultsFor(
  home: string,
  secret: string,
): Record<string, Record<string, string | Record<string, string>>> {
  return {
    storage: { filesystem: { rootdirectory: join(home, 'storage') } },
    http: { addr: '127.0.0.1:5000', secret },
  };
}

function say(message: string): void {
  process.stdout.write(`longshore: ${message}\n`);
}

async function nothingToStop(): Promise<void> {}
