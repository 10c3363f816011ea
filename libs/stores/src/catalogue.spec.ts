import { describeFields } from '@longshore/fields';
import { driverParameters, StorageConfigurationError } from '@longshore/storage';
import { describe, expect, it } from 'vitest';
import { catalogue, type DriverName, driverNames } from './catalogue.ts';

/** Parameters with which each driver can be made. */
const wholes: Readonly<Record<DriverName, Readonly<Record<string, unknown>>>> = {
  filesystem: {},
  inmemory: {},
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

/** Right and wrong values of each type, as a user writes them. */
const written: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'no', 'maybe'],
  integer: ['-2', '-1', '0', '1', '24', '25', '100', '101', '1000000', '1000000000000', 'x'],
  duration: ['0s', '10us', '0.5ms', '1500us', '500ms', '1s', '5', '1h', '10000h', 'x'],
  size: ['0', '1', '100KiB', '1MiB', '1.5MiB', '5MiB', '64MiB', '65MiB', '1GiB', '2GiB', '10mb', 'x'],
};

const cases = driverNames.flatMap((name) =>
  describeFields(catalogue[name].fields, name.toUpperCase()).flatMap(({ key, type }) => {
    const choices = type.replaceAll(String.raw`\|`, '|').split(' | ');
    const words = choices.length > 1 ? [...choices, choices[0]?.toUpperCase() ?? '', 'nonsense'] : [];
    return (written[type] ?? words).map((value) => ({ name, key, value }));
  }),
);

/** What a driver reads; undefined when it refuses them. */
function readBy(name: DriverName, given: unknown): unknown {
  try {
    return driverParameters<unknown>(catalogue[name].fields, given);
  } catch (error) {
    if (error instanceof StorageConfigurationError) return undefined;
    throw error;
  }
}

function withKey(
  given: Readonly<Record<string, unknown>>,
  key: string,
  value: string,
): Record<string, unknown> {
  const [first = '', ...rest] = key.split('.');
  return { ...given, [first]: rest.length === 0 ? value : withKey({}, rest.join('.'), value) };
}

describe('the parameters of a driver', () => {
  it('mean the same when they are read once more, as a start does with what the configuration has read', () => {
    expect(cases.length).toBeGreaterThan(300);
    const read = cases.map(({ name, key, value }) => ({
      name,
      once: readBy(name, withKey(wholes[name], key, value)),
    }));
    const right = read.filter(({ once }) => once !== undefined);
    // Both kinds are there in numbers, so that the test is about something.
    expect(right.length).toBeGreaterThan(150);
    expect(read.length - right.length).toBeGreaterThan(50);
    expect(right.map(({ name, once }) => readBy(name, once))).toEqual(right.map(({ once }) => once));
  });

  it.each(driverNames)('of %s are refused with the names of those that are unknown', (name) => {
    expect(() => driverParameters<unknown>(catalogue[name].fields, { ...wholes[name], bukket: 1 })).toThrow(
      /^bukket: is no parameter of this driver/,
    );
  });

  it.each(driverNames)('of %s that a Secret holds are secrets, or may be', (name) => {
    const keys = describeFields(catalogue[name].fields, name).map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining([...catalogue[name].secrets]));
  });
});
