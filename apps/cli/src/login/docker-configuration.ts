import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

interface DockerConfiguration {
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** The name by which docker finds docker-credential-longshore. */
const helper = 'longshore';

/** Has docker ask our helper for this registry. @returns the path of docker's configuration */
export function addHelper(environment: NodeJS.ProcessEnv, server: string): string {
  return change(environment, (helpers) => ({ ...helpers, [server]: helper }));
}

/** Leaves a helper of another name in place. */
export function removeHelper(environment: NodeJS.ProcessEnv, server: string): void {
  change(environment, (helpers) =>
    Object.fromEntries(Object.entries(helpers).filter(([each, name]) => each !== server || name !== helper)),
  );
}

function change(
  { DOCKER_CONFIG: folder }: NodeJS.ProcessEnv,
  of: (helpers: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): string {
  const path = join(
    folder === undefined || folder === '' ? join(homedir(), '.docker') : folder,
    'config.json',
  );
  const configuration = read(path);
  const changed = { ...configuration, credHelpers: of(configuration.credHelpers ?? {}) };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(changed, undefined, '\t')}\n`, { mode: 0o600 });
  renameSync(next, path);
  return path;
}

/** @throws Error for a file that is no JSON: it is never overwritten */
function read(path: string): DockerConfiguration {
  try {
    const configuration: DockerConfiguration = JSON.parse(readFileSync(path, 'utf8'));
    return configuration;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new Error(`${path} cannot be read`, { cause: error });
  }
}
