import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromUser, loadConfiguration, namesStore, standaloneHome } from '@longshore/configuration';
import { databaseUrl } from '@longshore/metadata';

export interface ClusterOptions {
  /** Directory of the cluster's state, beside the state of standalone. */
  readonly home: string;
  /** Address for clients: `http.addr` of the environment or the file. */
  readonly address: string;
  readonly replicas: number;
  /** An absolute path, since the services may run in another directory. */
  readonly configuration: string | undefined;
  /** Directory of the blobs. Undefined if the configuration or a variable names a store. */
  readonly storage: string | undefined;
  /** URL of an existing database. */
  readonly postgresUrl: string | undefined;
  /** True if the configuration names an existing bus, with its credentials. */
  readonly hasBus: boolean;
}

/** @throws Error with a sentence for the user; ConfigurationError with every problem of the file and the environment */
export function parseOptions(options: readonly string[], environment: NodeJS.ProcessEnv): ClusterOptions {
  const { values } = parseArgs({
    args: [...options],
    options: { replicas: { type: 'string' }, config: { type: 'string' } },
    strict: true,
  });
  const replicas = readReplicas(values.replicas ?? '2');
  if (values.config === '') throw new Error('--config needs the path of a file');
  const home = join(standaloneHome(environment['LONGSHORE_HOME']), 'cluster');
  const given = values.config ?? environment['REGISTRY_CONFIGURATION_PATH'];
  const configuration = given === undefined ? undefined : fromUser(given);
  const sources = { environment, ...(configuration !== undefined && { file: configuration }) };
  const storage = namesStore(sources) ? undefined : join(home, 'storage');
  const { http, postgres, nats } = loadConfiguration({
    ...sources,
    defaults: {
      http: { addr: '127.0.0.1:5000' },
      ...(storage !== undefined && { storage: { filesystem: { rootdirectory: storage } } }),
    },
  });
  if (http.tls !== undefined)
    throw new Error(
      'http.tls: npm run cluster speaks plain HTTP with its services; end TLS in a proxy, or use npm start',
    );
  return {
    home,
    address: http.addr,
    replicas,
    configuration,
    storage,
    postgresUrl: postgres && databaseUrl(postgres),
    hasBus: nats !== undefined,
  };
}

function readReplicas(text: string): number {
  const replicas = Number(text);
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > 16)
    throw new Error(`--replicas must be a number from 1 to 16, not ${text}`);
  return replicas;
}
