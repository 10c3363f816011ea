import { type JsonSchema, propertiesOf } from '@longshore/fields';
import { describe, expect, it } from 'vitest';
import { describeConfiguration } from './describe-configuration.ts';
import { configurationJsonSchema } from './json-schema.ts';

const schema = configurationJsonSchema();

function at(path: string, from: JsonSchema = schema): JsonSchema {
  let found = from;
  for (const step of path.split('.')) {
    const properties = propertiesOf(found);
    expect(Object.keys(properties)).toContain(step);
    found = properties[step] ?? {};
  }
  return found;
}

describe('configurationJsonSchema', () => {
  it('has every key that the reference has', () => {
    const keys = describeConfiguration().filter(({ key }) => !/[*[]/.test(key));
    expect(keys.length).toBeGreaterThan(200);
    for (const { key, description } of keys) expect(at(key)).toMatchObject({ description });
  });

  it('closes sections, and says types, words, bounds and what is required', () => {
    expect(at('log')).toMatchObject({ type: 'object', additionalProperties: false });
    expect(at('log.level')).toMatchObject({ enum: ['error', 'warn', 'info', 'debug'] });
    expect(at('postgres.port')).toMatchObject({ type: 'integer', minimum: 1, maximum: 65_535 });
    expect(at('storage.s3')).toMatchObject({ required: ['bucket'] });
    expect(at('notifications.endpoints')).toMatchObject({
      items: { required: ['name', 'url'], additionalProperties: false },
    });
    expect(at('http.headers')).toMatchObject({ additionalProperties: { items: { type: 'string' } } });
  });

  it.each([
    ['gc.grace', ['24h', '1m30s', '.5s', '300'], ['1d', 'soon', '']],
    ['storage.s3.chunksize', ['10MiB', '5242880', '4 k', '1.5GB'], ['MiB', '1TB', '']],
    ['http.host', ['https://registry.example'], ['registry.example', 'ftp://a']],
  ])('takes the texts of %s that the loader takes', (key, right, wrong) => {
    const pattern = new RegExp(String(at(key)['pattern']));
    for (const text of right) expect(text).toMatch(pattern);
    for (const text of wrong) expect(text).not.toMatch(pattern);
  });

  it('omits the given keys, also from the required ones', () => {
    const less = configurationJsonSchema(
      (path, { secret, refused }) => secret === true || refused !== undefined || path === 'storage.s3.bucket',
    );
    expect(at('storage.s3', less)).not.toHaveProperty('required');
    expect(at('storage.s3', less)).not.toHaveProperty('properties.accesskey');
    expect(less).not.toHaveProperty('properties.proxy');
  });
});
