import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeConfiguration } from './describe-configuration.ts';
import { effectiveConfiguration, printConfiguration } from './effective-configuration.ts';

const directory = mkdtempSync(join(tmpdir(), 'configuration-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'registry.yml');

function printed(text: string, environment: Record<string, string> = {}): string {
  writeFileSync(file, text);
  const defaults = { http: { addr: '127.0.0.1:5000' } };
  return printConfiguration(effectiveConfiguration({ file, environment, defaults }));
}

describe('printConfiguration', () => {
  it('writes each key that is in effect as YAML, with its origin', () => {
    const text = printed(
      `version: 0.1
storage:
  filesystem:
    rootdirectory: /data
gc:
  grace: 6h
notifications:
  endpoints:
    - name: ci
      url: https://ci.example/hooks/T0123/abc
`,
      { REGISTRY_GC_INTERVAL: '30s', REGISTRY_LOG: '{ level: debug }' },
    );
    for (const line of [
      '    rootdirectory: /data # registry.yml:4',
      '    maxthreads: 100 # default',
      '  grace: 6h # registry.yml:6',
      '  interval: 30s # REGISTRY_GC_INTERVAL',
      '  trashdelay: 1h # default',
      '  addr: 127.0.0.1:5000 # presumed',
      '  level: debug # REGISTRY_LOG',
      '    - name: ci # registry.yml:9',
      '      url: https://ci.example/******** # registry.yml:10',
      '  net: tcp # default',
      '      clients: [] # default',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).not.toContain('redis');
    expect(parse(text)).toMatchObject({ storage: { filesystem: { maxthreads: 100 } } });
  });

  it('reports the variable as origin when it replaces a value of the file', () => {
    const text = printed('version: 0.1\nstorage: { filesystem: { rootdirectory: /data } }\n', {
      REGISTRY_STORAGE: 'inmemory',
    });
    expect(text).toContain('inmemory: {} # REGISTRY_STORAGE\n');
    expect(text).not.toContain('/data');
  });

  it('masks every secret that a configuration can hold', () => {
    const canary = 'canary-7f3a';
    const environment: Record<string, string> = {
      REGISTRY_NOTIFICATIONS_ENDPOINTS: `[{ name: a, url: 'https://u:${canary}@h/${canary}?${canary}', headers: { Authorization: [${canary}] } }]`,
      REGISTRY_HTTP_HOST: `https://u:${canary}@h`,
      REGISTRY_STORAGE_ACME: `{ nested: { secretKey: ${canary} }, password: ${canary} }`,
      REGISTRY_STORAGE_FALLBACK: `{ s3: { bucket: b, secretkey: ${canary} } }`,
      REGISTRY_HEALTH_HTTP: `[{ uri: 'https://u:${canary}@h', headers: { X: [${canary}] } }]`,
    };
    const secrets = describeConfiguration().filter(({ secret, key }) => secret && !/\*|\[\]/.test(key));
    expect(secrets.length).toBeGreaterThan(10);
    for (const { environment: name, key } of secrets)
      if (key !== 'storage.fallback') environment[name] = canary;
    const text = printed(`version: 0.1\nstorage: { acme: { password: ${canary} } }\n`, environment);
    expect(text).not.toContain(canary);
    expect(text).toContain('password: "********" # REGISTRY_POSTGRES_PASSWORD');
  });
});
