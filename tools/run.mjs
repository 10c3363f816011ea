// The door of every npm script: makes the clone runnable, then hands over. It is plain JavaScript for the host's Node (20 and later);
// everything after it runs on the Node that package.json pins.
import { build } from './run/build.mjs';
import { install } from './run/install.mjs';
import { hand } from './run/process.mjs';

const commands = {
  start: { programme: 'apps/standalone/dist/main.js', built: true },
  cluster: { programme: 'tools/cluster/main.ts', built: true },
  // Vitest reads the sources, but for its global setup, which is not given the workspace's conditions.
  test: { programme: 'tools/test.ts', built: true },
  'test:stores': { programme: 'tools/test-stores.ts', built: false },
  'test:chart': { programme: 'tools/test-chart.ts', built: true },
  'test:example': { programme: 'tools/example-driver.ts', built: true },
  check: { programme: 'tools/check.ts', built: false },
  e2e: { programme: 'apps/registry-e2e/dist/main.js', built: true },
  'e2e:stores': { programme: 'apps/registry-e2e/dist/main-stores.js', built: true },
  'e2e:kubernetes': { programme: 'apps/registry-e2e/dist/main-kubernetes.js', built: true },
  images: { programme: 'tools/images/build-images.ts', built: true },
  secrets: { programme: 'tools/secrets/main.ts', built: true },
  generate: { programme: 'tools/generate.ts', built: true },
};

const [name, ...options] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(`usage: node tools/run.mjs ${Object.keys(commands).join(' | ')}`);
  process.exit(2);
}
try {
  await install();
  if (command.built) await build();
} catch (error) {
  console.error(`longshore: ${error.message}`);
  process.exit(1);
}
await hand(command.programme, options);
