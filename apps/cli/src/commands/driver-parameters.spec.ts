import {
  ConfigurationError,
  describeConfiguration,
  loadConfiguration,
  storageDriverOf,
} from '@longshore/configuration';
import { createStorageDriver } from '@longshore/stores';
import { describe, expect, it } from 'vitest';

/** Parameters with which each driver can be made. */
const wholes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  filesystem: {},
  s3: { region: 'r', bucket: 'registry' },
  azure: { accountname: 'a', accountkey: 'YQ==', container: 'c' },
  swift: { authurl: 'http://127.0.0.1:1/v3', username: 'u', password: 'p', tenant: 't', container: 'c' },
  oss: {
    region: 'r',
    endpoint: 'https://registry.example',
    bucket: 'registry',
    accesskeyid: 'a',
    accesskeysecret: 'b',
  },
};

const words: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'false', 'maybe'],
  integer: [
    '-2',
    '-1',
    '0',
    '1',
    '2',
    '24',
    '25',
    '99',
    '100',
    '101',
    '1000',
    '1000000',
    '1000000000000',
    'x',
  ],
  duration: ['0s', '1ms', '500ms', '1s', '1h', '10000h', 'x'],
  size: [
    '0',
    '1',
    '64KiB',
    '99KiB',
    '100KiB',
    '1MiB',
    '2MiB',
    '5MiB',
    '8MiB',
    '64MiB',
    '65MiB',
    '1GiB',
    '2GiB',
    '10GiB',
    'x',
  ],
};

const rows = describeConfiguration().flatMap(({ key, type }) => {
  const [, driver = '', parameter = ''] = /^storage\.(filesystem|s3|azure|swift|oss)\.(\w+)$/.exec(key) ?? [];
  const choices = type.replaceAll(String.raw`\|`, '|').split(' | ');
  const values =
    words[type] ?? (choices.length > 1 ? [...choices, choices[0]?.toUpperCase() ?? '', 'nonsense'] : []);
  return driver === '' ? [] : values.map((value) => ({ driver, parameter, value }));
});

/** The parameters as the configuration gives them to the driver; undefined when it refuses them. */
function readBy(storage: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  try {
    const environment = { REGISTRY_STORAGE: JSON.stringify(storage) };
    return storageDriverOf(loadConfiguration({ environment }).storage);
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

async function refusalOf(named: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  try {
    const driver = await createStorageDriver(named);
    await driver.close();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

describe('a parameter of a driver', () => {
  it('is refused by its field in the configuration, and so in the reference and the chart, when the driver refuses it', async () => {
    expect(rows.length).toBeGreaterThan(400);
    const differences: string[] = [];
    for (const { driver, parameter, value } of rows) {
      const named = readBy({ [driver]: { ...wholes[driver], [parameter]: value } });
      const problem = named === undefined ? undefined : await refusalOf(named);
      if (problem !== undefined) differences.push(`${parameter}: ${value}: ${problem}`);
    }
    expect(differences).toEqual([]);
  });
});
