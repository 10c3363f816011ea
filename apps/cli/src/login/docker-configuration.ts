import { homedir } from 'node:os';
import { join } from 'node:path';
import { contentOf, replaceFile } from './private-file.ts';

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
  replaceFile(path, `${JSON.stringify(changed, undefined, '\t')}\n`);
  return path;
}

/** @throws Error for a file that is no JSON: it is never overwritten */
function read(path: string): DockerConfiguration {
  try {
    const configuration: DockerConfiguration = JSON.parse(contentOf(path) ?? '{}');
    return configuration;
  } catch (error) {
    throw new Error(`${path} cannot be read`, { cause: error });
  }
}
