import { mkdtempSync, readdirSync, readFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfiguration, loadConfigurationWithWarnings, storageDriverOf } from '@longshore/configuration';
import { parseOptions } from './cluster/options.ts';
import { planReplicas } from './cluster/services.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'longshore-documents-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pages = [
  '.',
  'docs',
  'docs/adr',
  'docs/flows',
  'docs/runbooks',
  'examples/storage-driver-sqlite',
  'charts/longshore',
].flatMap((place) =>
  readdirSync(join(root, place))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(place, name)),
);

const read = (page: string): string => readFileSync(join(root, page), 'utf8');

describe('the documents', () => {
  it.each(pages)('%s leads only to files that are there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });

  it.each(['README.md', ...pages.filter((page) => page.startsWith('docs/runbooks'))])(
    '%s names only npm scripts that exist',
    (page) => {
      const scripts = [...read('package.json').matchAll(/^ {4}"([\w:]+)": /gm)].map(([, script]) => script);
      const named = [...read(page).matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => script);
      expect(named.filter((script) => !scripts.includes(script))).toEqual([]);
    },
  );
});

describe('README.md', () => {
  const examples = [...read('README.md').matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text);

  it('has the examples', () => {
    expect(examples).toHaveLength(6);
  });

  it.each(examples)('has an example that npm start accepts: %s', (text) => {
    const file = join(folder, 'registry.yml');
    writeFileSync(file, text);
    const defaults = { storage: { filesystem: { rootdirectory: folder } }, http: { secret: 'a'.repeat(32) } };
    const { warnings } = loadConfigurationWithWarnings({ file, environment: {}, defaults });
    expect(warnings).toEqual([]);
  });

  it.each(examples)('has an example that npm run cluster gives a store to: %s', async (text) => {
    const file = join(folder, 'cluster.yml');
    writeFileSync(file, text);
    const options = parseOptions(['--config', file], { LONGSHORE_HOME: folder });
    const backends = { postgresUrl: 'postgres://h/d', natsUrl: 'a:1', secret: 's' };
    const [replica] = await planReplicas(root, options, backends);
    const environment = replica?.command.environment ?? {};
    expect(storageDriverOf(loadConfiguration({ environment }).storage)).toMatchObject({
      filesystem: { rootdirectory: join(folder, 'cluster/storage') },
    });
  });
});
