import { join } from 'node:path';
import { workspace } from '../runner/workspace.ts';
import { type BusCall, busScript } from '../support/bus-client.ts';
import { attempt, type CommandOptions, type CommandResult, run } from '../support/command.ts';
import type { Docker } from '../support/dockerd.ts';
import { writeRootfs } from '../support/rootfs.ts';

/** Tag of the images that the deployment runs. */
export const tag = 'test';

export interface DeploymentSettings {
  readonly engine: Docker;
  readonly name: string;
  readonly port: number;
  /** Folder for secrets, and for files that it creates. */
  readonly folder: string;
  /** Default: the workspace's own. */
  readonly composeFile?: string;
  /** Overlay on docker-compose.yml. */
  readonly overlay?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** docker-compose.yml with its own names, port and tags, so that another deployment on the same engine is not affected. */
export class Deployment {
  readonly #settings: DeploymentSettings;
  readonly environment: Readonly<Record<string, string>>;

  constructor(settings: DeploymentSettings) {
    const { engine, name, port, folder, environment } = settings;
    this.#settings = settings;
    this.environment = {
      COMPOSE_PROJECT_NAME: name,
      COMPOSE_PROFILES: '',
      LONGSHORE_TAG: tag,
      LONGSHORE_POSTGRES_IMAGE: `longshore/postgres:${tag}`,
      LONGSHORE_NATS_IMAGE: `longshore/nats:${tag}`,
      LONGSHORE_VERSITYGW_IMAGE: `longshore/versitygw:${tag}`,
      LONGSHORE_AZURITE_IMAGE: `longshore/azurite:${tag}`,
      LONGSHORE_ADDRESS: `127.0.0.1:${port}`,
      LONGSHORE_SECRETS: join(folder, 'secrets'),
      LONGSHORE_ACCOUNTS: join(folder, 'accounts'),
      LONGSHORE_SETTINGS: join(folder, 'registry.env'),
      ...environment,
      ...engine.environment,
    };
  }

  up(): Promise<string> {
    return this.compose('up', '--wait', '--wait-timeout', '240');
  }

  /** Removes the deployment with its volumes. */
  down(): Promise<string> {
    return this.compose('down', '--volumes', '--timeout', '30');
  }

  compose(...command: readonly string[]): Promise<string> {
    return run('docker', this.#words(command), this.#options);
  }

  attempt(...command: readonly string[]): Promise<CommandResult> {
    return attempt('docker', this.#words(command), this.#options);
  }

  /** Runs a script with Node in the container of a service and returns its output. */
  evaluateIn(service: string, how: '--print' | '--eval', script: string): Promise<string> {
    return this.compose('exec', '-T', service, '/usr/local/bin/node', how, script);
  }

  /** Returns the answer of the deployment's NATS to a container of a service. */
  sayToBus(service: string, call: Omit<BusCall, 'host' | 'port'>): Promise<string> {
    return this.evaluateIn(service, '--eval', busScript({ host: 'nats', port: 4222, ...call }));
  }

  /** Pushes an image that is new to the registry and pulls it. @returns both ids, which must be equal */
  async pushAndPull(): Promise<{ readonly pushed: string; readonly pulled: string }> {
    const { engine, port, folder } = this.#settings;
    const name = `localhost:${port}/team/app:1`;
    const id = await engine.docker('import', await writeRootfs(folder), name);
    await engine.docker('push', name);
    await engine.docker('rmi', '-f', id);
    await engine.docker('pull', name);
    return { pushed: id, pulled: await engine.docker('inspect', '--format', '{{.Id}}', name) };
  }

  /** Returns the bytes of all files in a volume. */
  async bytesIn(volume: string): Promise<number> {
    const { engine, name } = this.#settings;
    const script = `fs.readdirSync('/data', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      .map((entry) => fs.statSync(entry.parentPath + '/' + entry.name).size).reduce((sum, size) => sum + size, 0)`;
    const node = ['--entrypoint', '/usr/local/bin/node', `longshore/cli:${tag}`, '--print', script];
    const alone = ['--rm', '--network=none'];
    return Number(await engine.docker('run', ...alone, '--volume', `${name}_${volume}:/data:ro`, ...node));
  }

  #words(command: readonly string[]): string[] {
    const { overlay, composeFile = join(workspace, 'docker-compose.yml') } = this.#settings;
    const files = [composeFile, ...(overlay === undefined ? [] : [overlay])];
    return ['compose', ...files.flatMap((file) => ['--file', file]), ...command];
  }

  get #options(): CommandOptions {
    return { environment: this.environment, timeoutMs: 300_000 };
  }
}
