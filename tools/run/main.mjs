// Makes the clone runnable, then starts the program. Plain JavaScript for the host's Node (20 and later); everything after it needs the major version
// that the lock pins, or a later one.
import { build } from './build.mjs';
import { install } from './install.mjs';
import { holdingLock } from './lock.mjs';
import { hand } from './process.mjs';

/**
 * `packages`: the set of packages that the command needs. `running` is enough for a registry that stores on a disk; `production` adds what only some
 * configurations need; `all` adds those of tests and developers.
 */
const commands = {
  start: { programme: 'apps/standalone/dist/main.js', built: true, packages: 'running' },
  cluster: { programme: 'tools/cluster/main.ts', built: true, packages: 'production' },
  // Vitest reads the sources, except in its global setup, which ignores the workspace's conditions.
  test: { programme: 'tools/test.ts', built: true, packages: 'all' },
  'test:stores': { programme: 'tools/test-stores.ts', built: false, packages: 'all' },
  'test:chart': { programme: 'tools/test-chart.ts', built: true, packages: 'all' },
  'test:example': { programme: 'tools/example-driver.ts', built: true, packages: 'all' },
  check: { programme: 'tools/check.ts', built: false, packages: 'all' },
  e2e: { programme: 'e2e/dist/main.js', built: true, packages: 'all' },
  'e2e:stores': { programme: 'e2e/dist/main-stores.js', built: true, packages: 'all' },
  'e2e:kubernetes': { programme: 'e2e/dist/main-kubernetes.js', built: true, packages: 'all' },
  images: { programme: 'tools/images/build-images.ts', built: true, packages: 'all' },
  secrets: { programme: 'tools/secrets/main.ts', built: true, packages: 'running' },
  generate: { programme: 'tools/generate.ts', built: true, packages: 'all' },
};

const [name, ...options] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(`usage: node tools/run.mjs ${Object.keys(commands).join(' | ')}`);
  process.exit(2);
}
// Without a handler Node would open its debugger.
process.on('SIGUSR1', () => {});
// Only the npm that called this script knows the user's directory. An outer npm belongs to another script.
if (process.env.npm_lifecycle_event !== name) process.env.INIT_CWD = process.cwd();
process.exit(await runCommand());

/** Runs the programme; again, each time that a configuration needs a package that is not installed, with the package. @returns the exit status */
async function runCommand() {
  const tried = new Set();
  for (let missing; ; tried.add(missing)) {
    try {
      await makeRunnable(missing);
    } catch (error) {
      console.error(`longshore: ${error.message}`);
      return 1;
    }
    const ended = await hand(command.programme, options);
    if (ended.missing === undefined || tried.has(ended.missing)) return ended.status;
    missing = ended.missing;
  }
}

async function makeRunnable(missing) {
  await holdingLock(async () => {
    const installed = await install(command.packages, missing);
    if (command.built) await build(installed);
  });
}
