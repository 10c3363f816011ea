import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeFields } from '@longshore/fields';
import { catalogue, type DriverName, driverNames, remoteDriverNames } from '@longshore/stores/catalogue';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { drivers as chartDrivers } from './generate/chart/configuration-values.ts';

/** Checks what a new storage driver needs beside its own folder, from the catalogue. Names each place that a driver lacks. */
const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Returns the folder of a driver's sources. */
function folderOf(name: DriverName): string {
  if (catalogue[name].isRemote) return `libs/storage-${name}`;
  return `libs/storage/src/drivers/${name === 'inmemory' ? 'memory' : name}`;
}

const sourcesOf = (name: DriverName): readonly string[] =>
  globSync(`${folderOf(name)}/**/*.ts`, { cwd: root }).filter(
    (path) => !/\/(?:dist|node_modules)\//.test(path),
  );

describe('the catalogue of storage drivers', () => {
  it('has every package of a driver, and no other', () => {
    const packages = readdirSync(join(root, 'libs')).filter((name) => /^storage-(?!remote$)/.test(name));
    expect(packages.toSorted()).toEqual(remoteDriverNames.map((name) => `storage-${name}`).toSorted());
  });

  it.each(driverNames)('has %s behind the door that drivers of others come through', async (name) => {
    expect(await catalogue[name].load()).toHaveProperty('createDriver', expect.any(Function));
  });

  it.each(driverNames)('has %s in the reference of the configuration', (name) => {
    const reference = read('docs/reference/configuration.md');
    const rows = describeFields(catalogue[name].fields, '').filter(({ type }) => type !== 'section');
    const keys = rows.map(({ key }) => `\`storage.${name}.${key}\``);
    expect(keys.filter((key) => !reference.includes(key))).toEqual([]);
  });

  it.each(chartDrivers)('has %s in the values of the chart', (name) => {
    const { storage } = parse(read('charts/longshore/values.yaml'));
    expect(storage).toHaveProperty(name, {});
    expect(parse(read('charts/longshore/values.schema.json')).properties.storage.properties).toHaveProperty(
      name,
    );
  });
});

describe.each(driverNames)('the storage driver %s', (name) => {
  it('runs the contract suite', () => {
    const suites = sourcesOf(name).filter(
      (path) => path.endsWith('.spec.ts') && read(path).includes('describeStorageDriver('),
    );
    expect(suites).not.toEqual([]);
  });

  it('reads each of its parameters, or says that it has no effect', () => {
    const code = sourcesOf(name)
      .filter((path) => !/\.spec\.ts$|\/testing\/|-parameters\.ts$/.test(path))
      .map(read)
      .join('\n');
    const parameters = describeFields(catalogue[name].fields, '').filter(
      ({ type, description }) =>
        type !== 'section' && !/^Must be true|Accepted and without effect/.test(description),
    );
    const unread = parameters.filter(
      ({ key }) => !new RegExp(`\\b${key.split('.').at(-1) ?? ''}\\b`).test(code),
    );
    expect(unread.map(({ key }) => key)).toEqual([]);
  });
});

describe.each(remoteDriverNames)('the package of the storage driver %s', (name) => {
  const manifest = parse(read(`${folderOf(name)}/package.json`));

  it('has a page, its parameters apart from its SDK, and its layer', () => {
    expect(existsSync(join(root, folderOf(name), 'README.md'))).toBe(true);
    expect(Object.keys(manifest.exports)).toEqual(['.', './parameters']);
    expect(manifest.nx.tags).toEqual(['layer:driver']);
  });

  it('is a dependency of the catalogue, which builds it', () => {
    expect(parse(read('libs/stores/package.json')).dependencies).toHaveProperty(manifest.name);
    expect(parse(read('libs/stores/tsconfig.json')).references).toContainEqual({
      path: `../storage-${name}`,
    });
  });
});

it('writes the version of an SDK once: whatever else needs it takes the one of the driver', () => {
  const ranges = new Map<string, string[]>();
  for (const path of globSync('{,{apps,libs}/*/,e2e/}package.json', { cwd: root })) {
    const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = parse(read(path));
    for (const [name, range] of [dependencies, devDependencies, peerDependencies].flatMap((all) =>
      Object.entries(all),
    ))
      ranges.set(name, [...(ranges.get(name) ?? []), String(range)]);
  }
  const sdks = [...ranges].filter(([name]) =>
    /^@aws-sdk|^@azure|^@smithy|^ali-oss|^@types\/ali-oss/.test(name),
  );
  expect(sdks.length).toBeGreaterThan(6);
  expect(sdks.filter(([, written]) => written.filter((range) => range !== '*').length !== 1)).toEqual([]);
});
