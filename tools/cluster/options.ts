import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { namesStore } from '@longshore/configuration';
import { fromUser } from '../../libs/service-kit/src/bootstrap/parameters.ts';

export interface ClusterOptions {
  /** State of the cluster, beside the state of standalone. */
  readonly home: string;
  readonly address: string;
  readonly replicas: number;
  /** Absolute, since the services may run elsewhere. */
  readonly configuration: string | undefined;
  /** Whether the configuration or a variable says where bytes are kept. */
  readonly namesStore: boolean;
  readonly postgresUrl: string | undefined;
  readonly natsUrl: string | undefined;
}

/** @throws Error with a sentence for the user */
export function parseOptions(options: readonly string[], environment: NodeJS.ProcessEnv): ClusterOptions {
  const { values } = parseArgs({
    args: [...options],
    options: { replicas: { type: 'string' }, config: { type: 'string' } },
    strict: true,
  });
  const replicas = Number(values.replicas ?? '2');
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > 16)
    throw new Error(`--replicas must be a number from 1 to 16, not ${values.replicas}`);
  if (values.config === '') throw new Error('--config needs the path of a file');
  const configuration = values.config ?? environment['REGISTRY_CONFIGURATION_PATH'];
  const file = configuration === undefined ? undefined : fromUser(configuration);
  const home = environment['LONGSHORE_HOME'] ?? '';
  return {
    home: resolve(home === '' ? '.longshore' : fromUser(home), 'cluster'),
    address: environment['REGISTRY_HTTP_ADDR'] ?? '127.0.0.1:5000',
    replicas,
    configuration: file,
    namesStore: namesStore({ environment, ...(file !== undefined && { file }) }),
    postgresUrl: environment['REGISTRY_POSTGRES_URL'],
    natsUrl: environment['REGISTRY_NATS_SERVERS_0'],
  };
}
