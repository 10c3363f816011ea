import { mkdtempSync, readdirSync, readFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { loadConfiguration, loadConfigurationWithWarnings, storageDriverOf } from '@longshore/configuration';
import { commands, refusalOf, runCli } from '@longshore/cli';
import { contracts } from '@longshore/messaging';
import { selfSigned, TestAuthority } from '@longshore/testing';
import { parseOptions } from './cluster/options.ts';
import { planReplicas } from './cluster/services.ts';
import { serviceNames } from './service-names.ts';

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
  it.each(pages)('%s links only to existing files', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });

  it.each(pages.filter((page) => !page.startsWith('docs/adr')))(
    '%s names only npm scripts that exist',
    (page) => {
      const scripts = [...read('package.json').matchAll(/^ {4}"([\w:]+)": /gm)].map(([, script]) => script);
      const named = [...read(page).matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => script);
      expect(named.filter((script) => !scripts.includes(script))).toEqual([]);
    },
  );
});

describe('ARCHITECTURE.md', () => {
  const rows = read('ARCHITECTURE.md')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  /** Returns the names in a column of the table of services, by service. A star stands for a part of a name. */
  const column = (index: number) =>
    serviceNames.map((service) => {
      const cell = rows.find(([, name]) => name === service)?.[index] ?? '';
      const patterns = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replaceAll('*', '\\w*'));
      return { service, owns: (name: string) => patterns.some((each) => new RegExp(`^${each}$`).test(name)) };
    });
  const ownersOf = (name: string, index: number) =>
    column(index)
      .filter(({ owns }) => owns(name))
      .map(({ service }) => service);

  const tables = [...read('libs/metadata/src/schema.sql').matchAll(/^create table (\w+)/gm)];
  it.each(tables.map(([, table = '']) => table))('names one owner of the table %s', (table) => {
    expect(ownersOf(table, 3)).toHaveLength(1);
  });

  it.each([...contracts.values()])('names who answers $subject', ({ subject, servedBy }) => {
    expect(ownersOf(subject, 4)).toEqual([servedBy]);
  });

  it('names only files and folders that exist', () => {
    const places = [
      ...read('ARCHITECTURE.md').matchAll(/`((?:apps|libs|docs|tools|e2e|charts|examples)\/[^`<]+)`/g),
    ];
    expect(places.map(([, place = '']) => place).filter((place) => !existsSync(join(root, place)))).toEqual(
      [],
    );
  });
});

const authority = new TestAuthority();
afterAll(() => authority.remove());

/** Configurations that pages show, each a whole file. */
const shown = ['README.md', 'docs/configure.md'];
const tasks = ['docs/runbooks/openid-connect.md', 'docs/runbooks/workload-identity.md'];
const examples = [...shown, ...tasks].flatMap((page) =>
  [...read(page).matchAll(/^```yaml\n(version:.*?)^```/gms)].map(([, text = '']) => text),
);

describe('the configurations that pages show', () => {
  it('are there', () => {
    expect(examples).toHaveLength(19);
  });

  it.each(examples)('are accepted by npm start: %s', (text) => {
    const file = join(folder, 'registry.yml');
    writeFileSync(file, text);
    const defaults = { storage: { filesystem: { rootdirectory: folder } }, http: { secret: 'a'.repeat(32) } };
    const { warnings } = loadConfigurationWithWarnings({ file, environment: {}, defaults });
    expect(warnings).toEqual([]);
  });

  // The cluster refuses TLS (tools/cluster/options.spec.ts).
  const plain = examples.filter((text) => !text.includes('tls:'));
  it.each(plain)('get a store from npm run cluster: %s', async (text) => {
    const file = join(folder, 'cluster.yml');
    writeFileSync(file, text);
    const options = parseOptions(['--config', file], { LONGSHORE_HOME: folder });
    const backends = { postgresUrl: 'postgres://h/d', natsUrl: 'a:1', secrets: new Map<string, string>() };
    const [replica] = await planReplicas(root, options, backends);
    const environment = replica?.command.environment ?? {};
    expect(storageDriverOf(loadConfiguration({ environment }).storage)).toMatchObject({
      filesystem: { rootdirectory: join(folder, 'cluster/storage') },
    });
  });
});

/** The first words of lines. */
const firstWords = [...new Set(commands.map(({ name }) => name.replace(/ .*/, ''))), 'completion'];
/** Names that a text mentions without the words that a line must have. */
const mentions = [
  ...firstWords.filter((word) => commands.every(({ name }) => name !== word)),
  ...commands
    .filter(({ words = [] }) => words.some(({ isOptional }) => isOptional !== true))
    .map(({ name }) => name),
];
const lineForm = new RegExp(
  `(?<=^|[\\s\`(])(?:npx )?longshore ((?:${firstWords.join('|')}|--(?:help|version))\\b[^\`\\n#|)]*)`,
  'gm',
);

/** Returns the command lines of a page, in blocks and in the text. A word such as FILE or … stands for a value. */
const linesIn = (page: string): readonly string[] =>
  [...read(page).matchAll(lineForm)].map(([, line = '']) => line.trim());

describe('longshore', () => {
  const pagesWithLines = [...pages, 'apps/cli/README.md'].filter((page) => linesIn(page).length > 0);

  it('is in the documents', () => {
    expect(pagesWithLines).toEqual(
      expect.arrayContaining(['README.md', 'docs/runbooks/move-to-another-store.md']),
    );
  });

  it.each(pagesWithLines)('takes every line of %s as it is written', async (page) => {
    // The script for a shell is printed outside the command's report.
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const lines = linesIn(page).filter((line) => !mentions.includes(line));
    const refusals = await Promise.all(lines.map(async (line) => [line, await refusalOf(line.split(/\s+/))]));
    vi.restoreAllMocks();
    expect(refusals.filter(([, refusal]) => refusal !== undefined)).toEqual([]);
  });

  const runnable = shown
    .flatMap((page) => read(page).split('\n'))
    .filter((line) => /^npx longshore .*registry\.yml/.test(line))
    .map((line) => line.replace(/ #.*/, ''));
  it.each([...new Set(runnable)])("does '%s' with each configuration that pages show", async (line) => {
    const home = mkdtempSync(join(folder, 'home-'));
    writeFileSync(join(home, 'users.htpasswd'), '');
    selfSigned(home, 'tls');
    writeFileSync(join(home, 'clients.crt'), readFileSync(authority.certificate));
    writeFileSync(join(home, 'clients.crl'), authority.revocationList());
    const path = join(home, 'registry.yml');
    const words = line
      .replace(/^npx longshore /, '')
      .replace('registry.yml', path)
      .split(' ');
    for (const example of examples) {
      writeFileSync(path, example.replaceAll('/etc/longshore', home));
      const said: string[] = [];
      const say = (text: string): void => void said.push(text);
      const status = await runCli(words, {
        environment: { LONGSHORE_HOME: home },
        print: say,
        complain: say,
      });
      expect({ status, said: status === 0 ? [] : said }).toEqual({ status: 0, said: [] });
    }
  });

  it('is shown with a file in both pages', () => {
    expect(runnable).toHaveLength(5);
  });
});
